// One round: trigger all variants, watch them until each has finished a run, and say how it went.

import { setTimeout as sleep } from 'node:timers/promises';

const pollEvery = 250;
// A run that failed is not the end: a lost worker's runs begin again elsewhere.
const failurePatience = 10_000;

/**
 * Triggers all variants and waits until each has ended a run well. `onTick(standings, seconds)` is
 * called at every look. Returns `{ standings, seconds, records }`, where `records` counts the rows
 * of all variants at the end. A run that fails and is not begun again in good time ends the wait.
 */
export async function playRound(application, { onTick, timeout = 180_000 }) {
  const before = await application.standings();
  const begin = performance.now();
  await application.trigger();
  const failing = new Map();
  for (;;) {
    const standings = await application.standings();
    for (const [name, now] of standings) now.done = isDone(now, before.get(name));
    const elapsed = performance.now() - begin;
    await onTick(standings, elapsed / 1000);
    if (application.variants.every((name) => standings.get(name)?.done)) {
      return { standings, seconds: elapsed / 1000, records: recordsOf(standings) };
    }
    judgeFailures(standings, before, failing);
    if (elapsed > timeout) {
      const left = [...standings].filter(([, { done }]) => !done).map(([name]) => name);
      throw new Error(`the round did not end in ${timeout / 1000} s, not done: ${left.join(', ')}`);
    }
    await sleep(pollEvery);
  }
}

// Tells whether a variant has finished a run since `before`, and well.
function isDone(now, before) {
  return now?.execution === 'SUCCESS' && now.finishedAt !== null &&
    now.finishedAt !== before?.finishedAt;
}

function recordsOf(standings) {
  return [...standings.values()].reduce((sum, { records }) => sum + records, 0);
}

function judgeFailures(standings, before, failing) {
  const now = performance.now();
  for (const [name, standing] of standings) {
    const failed = standing.execution === 'STOPPED' &&
      standing.finishedAt !== before.get(name)?.finishedAt;
    if (!failed) failing.delete(name);
    else if (!failing.has(name)) failing.set(name, now);
    else if (now - failing.get(name) > failurePatience) {
      throw new Error(`the run of ${name} failed and was not repeated: ${standing.error}`);
    }
  }
}
