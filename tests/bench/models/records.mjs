// The records that all models get: the same ids, texts and orders in each run.

import { createHash } from 'node:crypto';

const crlf = Buffer.from('\r\n');

/** Encodes commits of records whose revisions it remembers. */
export class Records {
  #size;
  #prefix;
  #revisions;
  #filler;
  #buffer = Buffer.allocUnsafe(1 << 16);

  /** `size` is the bytes of a payload on the average; `keys` those of the commit. */
  constructor(count, size, keys) {
    this.#size = size;
    this.#revisions = new Uint8Array(count);
    this.#filler = 'x'.repeat(2 * size);
    this.#prefix = ['save', String(keys.length), ...keys, 'Item'];
  }

  /** Makes new revisions of records. */
  change(indexes) {
    for (const i of indexes) this.#revisions[i] += 1;
  }

  /** Returns a commit of records as they are now; valid until the next call. */
  commit(indexes) {
    const need = 4096 + indexes.length * (200 + 2 * this.#size);
    if (this.#buffer.length < need) this.#buffer = Buffer.allocUnsafe(need);
    const buffer = this.#buffer;
    const words = ['FCALL', ...this.#prefix];
    let at = buffer.latin1Write(`*${words.length + 3 * indexes.length}\r\n`, 0);
    for (const word of words) at += buffer.latin1Write(`$${word.length}\r\n${word}\r\n`, at);
    for (const i of indexes) at = this.#append(at, i);
    return buffer.subarray(0, at);
  }

  #append(start, i) {
    const buffer = this.#buffer;
    const revision = this.#revisions[i];
    const id = `record-${String(i).padStart(9, '0')}`;
    let at = start + buffer.latin1Write(`$${id.length}\r\n${id}\r\n$16\r\n`, start);
    // The server only compares it, so it is made of what tells one state of a record from another.
    at += createHash('md5').update(`${id} ${revision}`).digest().copy(buffer, at);
    const text = this.#payload(id, i, revision);
    at += buffer.latin1Write(`\r\n$${text.length}\r\n`, at);
    at += buffer.latin1Write(text, at);
    return at + crlf.copy(buffer, at);
  }

  // Sizes lie within 20 % of the average and change with the revision, as an allocator meets them.
  #payload(id, i, revision) {
    const chance = (Math.imul(i * 31 + revision + 1, 0x9e3779b1) >>> 8) / 0x1000000;
    const size = Math.round(this.#size * (0.8 + 0.4 * chance));
    const start = `{"id":"${id}","revision":${revision},"text":"`;
    return `${start}${this.#filler.slice(0, size - start.length - 2)}"}`;
  }
}

export function inOrder(count) {
  return Uint32Array.from({ length: count }, (_, i) => i);
}

/** Returns the numbers below `count` in an order that depends on `seed` alone. */
export function shuffled(count, seed) {
  const numbers = inOrder(count);
  let state = seed;
  for (let left = count; left > 1; left -= 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const other = Math.floor((state / 0x100000000) * left);
    [numbers[left - 1], numbers[other]] = [numbers[other], numbers[left - 1]];
  }
  return numbers;
}

export function* parts(indexes, size) {
  for (let i = 0; i < indexes.length; i += size) yield indexes.subarray(i, i + size);
}
