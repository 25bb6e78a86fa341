// Numbers, spans and times as people read them.

const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const compacted = new Intl.NumberFormat('en', {
  notation: 'compact', maximumSignificantDigits: 3,
});
const spans = [['d', 86_400_000], ['h', 3_600_000], ['m', 60_000], ['s', 1000]];
const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** `12345` is `12,345`; what is no number is a dash. */
export function count(value) {
  return Number.isFinite(value) ? grouped.format(value) : '–';
}

/** `12345` is `12.3K`. */
export function compact(value) {
  if (!Number.isFinite(value)) return '–';
  return Math.abs(value) < 10_000 ? grouped.format(value) : compacted.format(value);
}

/** `1 run`, `2 runs`. */
export function plural(value, one, many = `${one}s`) {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** Milliseconds as `840 ms`, `3.2 s`, `4m 10s` or `2d 3h`. */
export function duration(ms) {
  if (!Number.isFinite(ms)) return '–';
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const first = spans.findIndex(([, size]) => ms >= size);
  const [unit, size] = spans[first];
  const whole = Math.floor(ms / size);
  const next = spans[first + 1];
  const rest = next ? Math.floor((ms - whole * size) / next[1]) : 0;
  return rest > 0 ? `${whole}${unit} ${rest}${next[0]}` : `${whole}${unit}`;
}

/** How far a moment is from now, as `just now`, `4m ago`, `in 3h`. */
export function relative(at, now = Date.now()) {
  const distance = at - now;
  const away = Math.abs(distance);
  if (away < 5000) return distance > 0 ? 'in a moment' : 'just now';
  const [unit, size] = spans.find(([, one]) => away >= one) ?? spans.at(-1);
  const text = `${Math.floor(away / size)}${unit}`;
  return distance > 0 ? `in ${text}` : `${text} ago`;
}

/** Bytes as `840 B`, `12.3 MB`. */
export function bytes(value) {
  if (!Number.isFinite(value)) return '–';
  let size = value;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${unit === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`;
}

/** A part of a whole as `12 %`; small parts keep a digit. */
export function percent(part) {
  if (!Number.isFinite(part)) return '–';
  const value = part * 100;
  return `${value > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} %`;
}

const two = (value) => String(value).padStart(2, '0');

/** The local time of a moment, as `15:04:05`. */
export function clock(at) {
  const time = new Date(at);
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

/** The local date and time of a moment, as `2026-11-26 15:04:05`. */
export function stamp(at) {
  const time = new Date(at);
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${date} ${clock(at)}`;
}

/** A JSON value as people read it. */
export function pretty(value) {
  return JSON.stringify(value, null, 2);
}
