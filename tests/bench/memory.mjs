// What processes take of memory, as Linux counts it.

import { readFileSync } from 'node:fs';

import { descendantsOf } from '../e2e/support.mjs';

/**
 * Returns the bytes of a process and its descendants. `what` is a line of smaps_rollup: `Pss`
 * shares pages fairly among the processes that map them, `Rss` counts them for each.
 */
export function memoryOf(pid, { what, redis }) {
  return [{ pid, name: '' }, ...descendantsOf(pid)]
    .filter(({ name }) => redis || !name.startsWith('redis'))
    .reduce((sum, one) => sum + bytesOf(one.pid, what), 0);
}

/** The bytes of one process. */
export function bytesOf(pid, what) {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(text.match(new RegExp(`^${what}:\\s+(\\d+) kB`, 'm'))[1]) * 1024;
}
