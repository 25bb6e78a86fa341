// What processes take of memory and of the processors, as Linux counts it.

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

// Linux counts in hundredths of a second, on every architecture that Debian has.
const ticksPerSecond = 100;

/** The seconds of processor time that a process and its living descendants have taken so far. */
export function cpuOf(pid) {
  return [{ pid }, ...descendantsOf(pid)].map((one) => secondsOf(one.pid))
    .reduce((sum, seconds) => sum + seconds, 0);
}

function secondsOf(pid) {
  try {
    // After the name, which may hold anything, come state, parent and ten more before the times.
    const words = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ');
    return (Number(words[11]) + Number(words[12])) / ticksPerSecond;
  } catch {
    return 0; // It ended while we looked.
  }
}
