// Bundles, compiled once and kept by content hash for as long as there is room.

import vm from 'node:vm';

import { SourceMapper } from './stack.mjs';

const WRAPPER = '(function (module, exports, require) {';
const MAP_MARK = '//# sourceMappingURL=data:application/json';

/** Compiles a bundle. `file` is the path of its source in the project, as traces should show it. */
export function compileBundle(code, file) {
  const filename = file.replace(/\.[cm]?[jt]s$/, '.cjs');
  const mark = code.lastIndexOf(MAP_MARK);
  const text = mark < 0 ? code : code.slice(0, mark);
  const map = mark < 0 ? '' : code.slice(code.indexOf(',', mark) + 1).trim();
  const script = new vm.Script(`${WRAPPER}${text}\n})`, {
    filename,
    columnOffset: -WRAPPER.length,
  });
  return { script, mapper: new SourceMapper(filename, map), bytes: code.length };
}

/** The least recently used bundles go once all of them together exceed `bytesMax`. */
export class ScriptCache {
  #entries = new Map();
  #bytes = 0;
  #bytesMax;

  constructor(bytesMax) {
    this.#bytesMax = bytesMax;
  }

  get(sha) {
    const entry = this.#entries.get(sha);
    if (entry) {
      this.#entries.delete(sha);
      this.#entries.set(sha, entry);
    }
    return entry;
  }

  put(sha, entry) {
    this.#drop(sha);
    this.#entries.set(sha, entry);
    this.#bytes += entry.bytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#bytesMax || oldest === sha) break;
      this.#drop(oldest);
    }
  }

  #drop(sha) {
    this.#bytes -= this.#entries.get(sha)?.bytes ?? 0;
    this.#entries.delete(sha);
  }
}
