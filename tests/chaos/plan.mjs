// Which faults happen when: drawn from a seed alone, so that a seed plays the same faults again.

/** Returns a generator of numbers from 0 up to 1 (mulberry32). */
export function dice(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = state;
    x = Math.imul(x ^ (x >>> 15), x | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

// Weight, what is done, and to whom; how many seconds it lasts at most, for what has an end.
const faults = [
  [4, 'kill', 'worker'],
  [3, 'freeze', 'worker', 9],
  [3, 'cut', 'worker', 9],
  [2, 'restart', 'worker'],
  [3, 'kill', 'leader'],
  [1, 'kill', 'standby'],
  [2, 'freeze', 'leader', 8],
  [2, 'cut', 'leader', 8],
  [1, 'restart', 'leader'],
  [2, 'promote', 'standby'],
  [2, 'drain', 'worker', 6],
  [2, 'kill', 'redis'],
  [1, 'freeze', 'redis', 6],
  [1, 'cut', 'redis', 6],
];

/**
 * Returns the faults of `seconds`, in order: `[{ at, what, whom, number, lasts }]`, times in
 * milliseconds. `number` chooses among several. Where links cannot be cut, processes are frozen.
 */
export function planOf(seed, seconds, { canCut }) {
  const roll = dice(seed);
  const total = faults.reduce((sum, [weight]) => sum + weight, 0);
  const plan = [];
  // The last faults are to be over, too, when time is up.
  for (let at = 1000; at < seconds * 1000 - 2000; at += 500 + roll() ** 2 * 7000) {
    let left = roll() * total;
    const [, what, whom, longest] = faults.find(([weight]) => (left -= weight) < 0);
    const number = Math.floor(roll() * 1000);
    const lasts = Math.round(500 + roll() * ((longest ?? 1) * 1000 - 500));
    plan.push({
      at: Math.round(at), what: what === 'cut' && !canCut ? 'freeze' : what, whom, number, lasts,
    });
  }
  return plan;
}
