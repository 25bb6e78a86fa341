// How unevenly something is spread over partitions: plain functions of numbers.

/** The value below which a part of the values lie; the values must be in rising order. */
export function quantile(rising, part) {
  if (rising.length === 0) return Number.NaN;
  const place = (rising.length - 1) * part;
  const below = Math.floor(place);
  const above = Math.min(below + 1, rising.length - 1);
  return rising[below] + (rising[above] - rising[below]) * (place - below);
}

/**
 * What is to be known of a spread. `timesMedian` says how often the median goes into the greatest;
 * `topShare` is the part that the greatest tenth of the values (one at least) has of the total, and
 * `gini` is 0 if all are equal and near 1 if one has all.
 */
export function spreadOf(values) {
  const rising = values.filter(Number.isFinite).sort((a, b) => a - b);
  const count = rising.length;
  const total = rising.reduce((sum, value) => sum + value, 0);
  if (count === 0 || total === 0) {
    return { count, total, median: 0, greatest: 0, timesMedian: 1, topShare: 0, gini: 0 };
  }
  const median = quantile(rising, 0.5);
  const greatest = rising.at(-1);
  const top = rising.slice(-Math.max(Math.round(count / 10), 1));
  const weighted = rising.reduce((sum, value, i) => sum + (i + 1) * value, 0);
  return {
    count, total, median, greatest,
    timesMedian: median > 0 ? greatest / median : Infinity,
    topShare: top.reduce((sum, value) => sum + value, 0) / total,
    gini: (2 * weighted) / (count * total) - (count + 1) / count,
  };
}

/** A word for how uneven a spread is. */
export function wordForSkew(gini) {
  if (gini < 0.2) return 'even';
  if (gini < 0.45) return 'somewhat uneven';
  return gini < 0.7 ? 'uneven' : 'very uneven';
}

/**
 * Which of `steps` colours stands for a value between the least and the greatest, by the logarithm:
 * partitions often differ by thousands of times.
 */
export function heatOf(value, least, greatest, steps) {
  if (!Number.isFinite(value)) return null;
  const low = Math.log(Math.max(least, 1));
  const high = Math.log(Math.max(greatest, 1));
  if (high - low < 1e-9) return Math.floor(steps / 2);
  const part = (Math.log(Math.max(value, 1)) - low) / (high - low);
  return Math.min(Math.max(Math.floor(part * steps), 0), steps - 1);
}
