// How often a sync runs, as far as it can be judged before it is deployed.

const SECONDS_MIN = 30;
const phrases = /^every (?:hour|day|week|month|half day|half hour|quarter hour)$/;
const amount =
  /^(?:every )?(\d+) ?(?:(s|secs?|seconds?)|(m|mins?|minutes?)|(h|hrs?|hours?)|(d|days?))$/;

/** What is wrong with a frequency, or undefined. A sync without one runs only when triggered. */
export function frequencyFault(text) {
  if (text === undefined || text === null || text === '') return undefined;
  const normal = typeof text === 'string' ? text.trim().toLowerCase() : '';
  if (phrases.test(normal)) return undefined;
  const [whole, count, seconds] = amount.exec(normal) ?? [];
  if (!whole || Number(count) === 0) {
    return `the frequency "${text}" is not like "every 5m", "every 2 hours" or "every day"`;
  }
  if (seconds && Number(count) < SECONDS_MIN) {
    return `the frequency "${text}" is below the least of ${SECONDS_MIN} seconds`;
  }
  return undefined;
}
