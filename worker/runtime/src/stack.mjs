// Errors as people should read them: only the script's own frames, in terms of its sources.

import { SourceMap } from 'node:module';

const FRAMES_MAX = 20;
const MESSAGE_CHARS_MAX = 10_000;

function escaped(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Maps places of one bundle to its sources. The map is parsed when the first error asks for it. */
export class SourceMapper {
  #filename;
  #encoded;
  #map;

  constructor(filename, encodedMap) {
    this.#filename = filename;
    this.#encoded = encodedMap;
  }

  /** Whether a line of a stack trace lies in the bundle. */
  owns(line) {
    return line.includes(`${this.#filename}:`);
  }

  /** Replaces each `bundle:line:column` in a text by the place in the source. */
  rewrite(text) {
    const place = new RegExp(`${escaped(this.#filename)}:(\\d+):(\\d+)`, 'g');
    return text.replace(place, (whole, line, column) => {
      const entry = this.#load()?.findEntry(line - 1, column - 1);
      if (!entry?.originalSource) return whole;
      const source = entry.originalSource.replace(/^(?:\.{1,2}\/)+/, '');
      return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
    });
  }

  #load() {
    if (this.#map === undefined) {
      try {
        const json = Buffer.from(this.#encoded, 'base64').toString();
        this.#map = new SourceMap(JSON.parse(json));
      } catch {
        this.#map = null;
      }
    }
    return this.#map;
  }
}

function textOf(read, fallback) {
  try {
    const value = read();
    return typeof value === 'string' ? value : fallback;
  } catch {
    return fallback;
  }
}

function thrownText(thrown) {
  try {
    return typeof thrown === 'object' ? JSON.stringify(thrown) : String(thrown);
  } catch {
    return 'a value that cannot be shown';
  }
}

/** Name, message and stack of whatever a script threw; never throws itself. */
export function describeError(thrown, mapper) {
  const object = typeof thrown === 'object' && thrown !== null;
  const name = (object && textOf(() => thrown.name, '')) || 'Error';
  const raw = object ? textOf(() => thrown.message, thrownText(thrown)) : thrownText(thrown);
  const rewrite = (text) => mapper?.rewrite(text) ?? text;
  const message = rewrite(raw.slice(0, MESSAGE_CHARS_MAX));
  const frames = (object ? textOf(() => thrown.stack, '') : '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line) && mapper?.owns(line))
    .slice(0, FRAMES_MAX)
    .map((line) => rewrite(line));
  return { name, message, stack: [`${name}: ${message}`, ...frames].join('\n') };
}
