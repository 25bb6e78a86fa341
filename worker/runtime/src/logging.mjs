// What scripts log: levels, shapes and sizes.

import { formatWithOptions, types } from 'node:util';

const MESSAGE_CHARS_MAX = 10_000;
const PAYLOAD_BYTES_MAX = 100 << 10;
const PREVIEW_CHARS = 10_000;

const levels = ['debug', 'info', 'warn', 'error', 'off'];
const [DEBUG, INFO, WARN, , OFF] = levels.keys();
// The last three are older names.
const ranks = new Map([
  ...levels.map((name, rank) => [name, rank]),
  ...[
    ['silly', DEBUG],
    ['verbose', DEBUG],
    ['http', INFO],
  ],
]);

function rankOf(name) {
  return ranks.get(name) ?? INFO;
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
  #threshold = DEBUG;
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
    const rank = hasOptions ? rankOf(last.level) : INFO;
    if (!this.#takes(rank)) return;
    const [message, ...rest] = args;
    if (hasOptions) rest.pop();
    this.#write(levels[rank], messageOf(message), payloadOf(rest.length > 1 ? rest : rest[0]));
  }

  console(args) {
    if (!this.#takes(DEBUG)) return;
    const text = formatWithOptions({ customInspect: false, depth: 3, colors: false }, ...args);
    this.#write('debug', text.slice(0, MESSAGE_CHARS_MAX));
  }

  /** Writes a line of the runtime's own about the whole run, which does not count. */
  sum(message) {
    if (this.#passes(WARN)) this.#write(levels[WARN], message);
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
    if (this.#threshold !== OFF) this.#threshold = rankOf(name);
  }

  #passes(rank) {
    return rank !== OFF && rank >= this.#threshold;
  }

  #takes(rank) {
    if (!this.#passes(rank)) return false;
    this.#lines += 1;
    return this.#lines <= this.#linesMax;
  }
}
