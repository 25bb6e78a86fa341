// What scripts log: levels, shapes and sizes.

import { formatWithOptions, types } from 'node:util';

const MESSAGE_CHARS_MAX = 10_000;
const PAYLOAD_BYTES_MAX = 100 << 10;
const PREVIEW_CHARS = 10_000;

const levels = ['debug', 'info', 'warn', 'error', 'off'];
const olderLevels = new Map([
  ['silly', 'debug'],
  ['verbose', 'debug'],
  ['http', 'info'],
]);

function levelOf(name) {
  const level = olderLevels.get(name) ?? name;
  return levels.includes(level) ? level : 'info';
}

function replacer() {
  const above = [];
  return function (_key, value) {
    if (typeof value === 'bigint') return String(value);
    if (types.isNativeError(value)) return { name: value.name, message: value.message };
    if (typeof value !== 'object' || value === null) return value;
    while (above.length > 0 && above.at(-1) !== this) above.pop();
    if (above.includes(value)) return '[circular]';
    above.push(value);
    return value;
  };
}

function jsonOf(value) {
  try {
    return JSON.stringify(value, replacer());
  } catch {
    return undefined;
  }
}

/** The JSON text of a log's payload, cut with a mark if it is too long. */
function payloadOf(value) {
  if (value === undefined || value === null) return undefined;
  const json = jsonOf(Array.isArray(value) ? { ...value } : value);
  if (json === undefined || Buffer.byteLength(json) <= PAYLOAD_BYTES_MAX) return json;
  return JSON.stringify({ truncated: true, preview: json.slice(0, PREVIEW_CHARS) });
}

function messageOf(value) {
  const text = typeof value === 'string' ? value : (jsonOf(value) ?? String(value));
  return text.slice(0, MESSAGE_CHARS_MAX);
}

/** The logger of one run; `write(level, message, payload)` takes what passes its threshold. */
export class Logger {
  #threshold = 0;
  #write;

  constructor(write) {
    this.#write = write;
  }

  log(args) {
    if (args.length === 0) return;
    const [message, ...rest] = args;
    const last = rest.at(-1);
    const options = typeof last === 'object' && last !== null && 'level' in last ? rest.pop() : {};
    const payload = rest.length > 1 ? rest : rest[0];
    this.#put(levelOf(options.level), messageOf(message), payloadOf(payload));
  }

  console(args) {
    const text = formatWithOptions({ customInspect: false, depth: 3, colors: false }, ...args);
    this.#put('debug', text.slice(0, MESSAGE_CHARS_MAX));
  }

  /** `off` is final. */
  setLevel(name) {
    if (levels[this.#threshold] !== 'off') this.#threshold = levels.indexOf(levelOf(name));
  }

  #put(level, message, payload) {
    if (level !== 'off' && levels.indexOf(level) >= this.#threshold) {
      this.#write(level, message, payload);
    }
  }
}
