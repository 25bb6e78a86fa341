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
  const text = typeof value === 'string' ? value : (jsonOf(value) ?? typeof value);
  return text.slice(0, MESSAGE_CHARS_MAX);
}

/**
 * The logger of one run; `write(level, message, payload)` takes what passes its threshold, and at
 * most `linesMax` of it. What is over costs nothing but being counted.
 */
export class Logger {
  #threshold = 0;
  #write;
  #linesMax;
  #lines = 0;

  constructor(write, linesMax) {
    this.#write = write;
    this.#linesMax = linesMax;
  }

  log(args) {
    if (args.length === 0) return;
    const last = args.length > 1 ? args.at(-1) : undefined;
    const hasOptions = typeof last === 'object' && last !== null && 'level' in last;
    const level = hasOptions ? levelOf(last.level) : 'info';
    if (!this.#takes(level)) return;
    const [message, ...rest] = args;
    if (hasOptions) rest.pop();
    this.#write(level, messageOf(message), payloadOf(rest.length > 1 ? rest : rest[0]));
  }

  console(args) {
    if (!this.#takes('debug')) return;
    const text = formatWithOptions({ customInspect: false, depth: 3, colors: false }, ...args);
    this.#write('debug', text.slice(0, MESSAGE_CHARS_MAX));
  }

  /** Writes a line of the runtime's own about the whole run, which does not count. */
  sum(message) {
    if (this.#passes('warn')) this.#write('warn', message);
  }

  /** Tells how many lines were left out. */
  close() {
    const more = this.#lines - this.#linesMax;
    if (more > 0) {
      this.sum(`${more} log lines were left out: a run may write ${this.#linesMax}`);
    }
  }

  /** `off` is final. */
  setLevel(name) {
    if (levels[this.#threshold] !== 'off') this.#threshold = levels.indexOf(levelOf(name));
  }

  #passes(level) {
    return level !== 'off' && levels.indexOf(level) >= this.#threshold;
  }

  #takes(level) {
    return this.#passes(level) && (this.#lines += 1) <= this.#linesMax;
  }
}
