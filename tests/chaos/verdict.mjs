// What must hold after any faults, as functions of what was stored and what was acknowledged. Each
// returns the faults it found, in words.

/**
 * Judges a variant that has come to rest: `records` in the order of changes, `runs` of its history
 * (oldest first), and `acknowledged`, how far it said to have come. Each run writes entries with
 * consecutive numbers and a mark of its own, `perBatch` in one batch.
 */
export function judgeVariant({ records, runs, acknowledged }) {
  return [
    ...lost(records, acknowledged), ...doubled(records), ...interleaved(records),
    ...overlapping(runs), ...inconsistent(records, runs),
  ];
}

/** No acknowledged entry is missing, and none before another. */
export function lost(records, acknowledged) {
  const there = new Set(records.map(({ number }) => number));
  const needed = Math.max(acknowledged, ...[...there].map((number) => number + 1));
  const missing = [];
  for (let number = 0; number < needed; number += 1) {
    if (!there.has(number)) missing.push(number);
  }
  if (missing.length === 0) return [];
  return [`${missing.length} of ${needed} entries are lost, the first is ${missing[0]} `
    + `(${acknowledged} were acknowledged)`];
}

/** No entry is there twice. */
export function doubled(records) {
  const seen = new Set();
  return records.filter(({ id }) => seen.size === seen.add(id).size)
    .map(({ id }) => `${id} is there twice`);
}

/** In the order of changes, what one execution wrote is in one piece, with rising numbers. */
export function interleaved(records) {
  const found = [];
  const over = new Set();
  let before;
  for (const record of records) {
    if (before && before.mark !== record.mark) over.add(before.mark);
    if (over.has(record.mark)) found.push(`${record.id} was written by a run that was over`);
    if (before && record.number <= before.number) found.push(`${record.id} was written late`);
    before = record;
  }
  return found;
}

const ends = new Set(['success', 'failed', 'cancelled', 'interrupted']);

/** In the history, a run ends before the next one starts, and none starts twice. */
export function overlapping(runs) {
  const found = [];
  let open;
  let last = 0;
  const steps = runs.filter(({ what }) => what === 'started' || ends.has(what));
  // The history is cut at its begin.
  if (steps[0] && steps[0].what !== 'started') steps.shift();
  for (const { what, detail } of steps) {
    if (what === 'started') {
      if (open !== undefined) found.push(`run ${detail.run} started while ${open} went on`);
      if (detail.run <= last) found.push(`run ${detail.run} started after run ${last}`);
      open = last = detail.run;
    } else {
      if (detail.run !== open) found.push(`run ${detail.run} ended, ${open ?? 'none'} went on`);
      open = undefined;
    }
  }
  if (open !== undefined) found.push(`run ${open} has no end`);
  return found;
}

/** Each run begins at the checkpoint of the one before; the last one stands at the last entry. */
export function inconsistent(records, runs) {
  const found = [];
  const ranges = runs.filter(({ what, detail }) => ends.has(what) && detail.checkpoints)
    .map(({ detail: { run, checkpoints } }) => ({ run, ...checkpoints }));
  let before;
  for (const { run, from, to } of ranges) {
    if (before && (from?.next ?? 0) !== before) {
      found.push(`run ${run} began at ${from?.next ?? 0}, the one before ended at ${before}`);
    }
    before = to?.next ?? from?.next ?? 0;
  }
  if (before !== records.length) {
    found.push(`the checkpoint says ${before}, and ${records.length} entries are there`);
  }
  return found;
}

/** The limit of named variants is kept: never exceeded in what was seen, and reached in the end. */
export function judgeLimit({ limit, counts, last }) {
  const most = Math.max(0, ...counts);
  return [
    ...(most > limit ? [`${most} variants were there, ${limit} are allowed`] : []),
    ...(last !== limit ? [`${last} variants were there in the end, ${limit} fit`] : []),
  ];
}
