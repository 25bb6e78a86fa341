// The states that variants, runs and workers may be in: a word, a shape and a colour for each, so
// that nothing is told by colour alone.

import { h, s } from './dom.mjs';

const shapes = {
  dot: () => s('circle', { cx: 6, cy: 6, r: 4 }),
  ring: () => s('circle', { cx: 6, cy: 6, r: 3.5, class: 'line' }),
  cross: () => s('path', { d: 'M2.5 2.5 9.5 9.5M9.5 2.5 2.5 9.5', class: 'line' }),
  bars: () => s('path', { d: 'M4 2.5v7M8 2.5v7', class: 'line' }),
  check: () => s('path', { d: 'M2 6.5 5 9.5 10 3', class: 'line' }),
  arc: () => s('path', { d: 'M6 2a4 4 0 1 1-4 4', class: 'line' }),
  slash: () => s('path', { d: 'M2.5 9.5 9.5 2.5', class: 'line' }),
};

const states = {
  running: ['Running', 'arc', 'run'],
  failing: ['Failing', 'cross', 'bad'],
  paused: ['Paused', 'bars', 'quiet'],
  waiting: ['Not run yet', 'ring', 'quiet'],
  ok: ['Healthy', 'check', 'good'],

  success: ['Success', 'check', 'good'],
  failed: ['Failed', 'cross', 'bad'],
  cancelled: ['Cancelled', 'slash', 'warn'],
  interrupted: ['Interrupted', 'bars', 'warn'],
  started: ['Started', 'arc', 'run'],
  triggered: ['Triggered', 'dot', 'quiet'],
  deferred: ['Deferred', 'ring', 'warn'],
  skipped: ['Skipped', 'slash', 'quiet'],
  queued: ['Queued', 'ring', 'quiet'],
  missed: ['Missed', 'slash', 'warn'],
  blackout: ['Blackout', 'bars', 'quiet'],
  resumed: ['Resumed', 'dot', 'quiet'],

  note: ['Note', 'dot', 'quiet'],
  warn: ['Warning', 'ring', 'warn'],
  bad: ['Bad', 'cross', 'bad'],

  active: ['Active', 'check', 'good'],
  cordoned: ['Cordoned', 'bars', 'warn'],
  draining: ['Draining', 'arc', 'warn'],
  leaving: ['Leaving', 'arc', 'warn'],
  lost: ['Lost', 'cross', 'bad'],

  added: ['Added', 'dot', 'good'],
  updated: ['Updated', 'dot', 'run'],
  deleted: ['Deleted', 'cross', 'bad'],

  delivered: ['Delivered', 'check', 'good'],
  retry: ['Will retry', 'arc', 'warn'],
  dead: ['Dead', 'cross', 'bad'],
};

/** The states of variants, in the order of their urgency. */
export const variantStates = ['failing', 'running', 'waiting', 'paused', 'ok'];

/** The state of a variant, of its row in `GET /varia/variants`. */
export function stateOf(row) {
  if (row.status === 'RUNNING') return 'running';
  if (row.status === 'PAUSED') return 'paused';
  if (row.status === 'ERROR') return 'failing';
  return row.last_outcome ? 'ok' : 'waiting';
}

/** How many rows are in which state. */
export function countStates(rows) {
  const counts = Object.fromEntries(variantStates.map((state) => [state, 0]));
  for (const row of rows) counts[stateOf(row)] += 1;
  return counts;
}

/** The word for a state. */
export function titleOf(state) {
  return states[state]?.[0] ?? state;
}

/** The class that gives a state's colour. */
export function toneOf(state) {
  return `tone-${states[state]?.[2] ?? 'quiet'}`;
}

/** The shape of a state, without a word: only where the word stands beside it. */
export function mark(state) {
  const [, shape, tone] = states[state] ?? ['', 'ring', 'quiet'];
  const turns = state === 'running' ? 'turning' : '';
  return s('svg', {
    class: `mark tone-${tone} ${turns}`, viewBox: '0 0 12 12', 'aria-hidden': 'true',
  }, shapes[shape]());
}

/** The shape and the word of a state. */
export function badge(state, word = titleOf(state)) {
  return h('span', { class: `badge ${toneOf(state)}` }, mark(state), h('span', {}, word));
}
