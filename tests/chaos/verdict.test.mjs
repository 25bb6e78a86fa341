// The proofs of the chaos test find what they are there to find.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { planOf } from './plan.mjs';
import { judgeLimit, judgeVariant } from './verdict.mjs';

const entry = (number, mark) => ({ id: `entry-${number}`, number, mark });

/** A variant whose first run was lost with its worker after six entries. */
function story() {
  return {
    records: [...'AAAAAABBB'].map((mark, number) => entry(number, mark)),
    acknowledged: 9,
    runs: [
      { what: 'started', detail: { run: 1 } },
      { what: 'failed', detail: { run: 1, checkpoints: { from: null, to: { next: 6 } } } },
      { what: 'deferred', detail: {} },
      { what: 'started', detail: { run: 2 } },
      { what: 'success', detail: { run: 2, checkpoints: { from: { next: 6 }, to: { next: 9 } } } },
    ],
  };
}

function found(change) {
  const it = story();
  change(it);
  return judgeVariant(it).join('\n');
}

test('a run that goes on from the checkpoint of a lost one is well', () => {
  assert.deepEqual(judgeVariant(story()), []);
});

test('a batch that was saved without its checkpoint and again is well', () => {
  assert.equal(found(({ records, runs }) => {
    records.splice(3, 3, entry(3, 'B'), entry(4, 'B'), entry(5, 'B'));
    runs[1].detail.checkpoints.to.next = 3;
    runs[4].detail.checkpoints.from.next = 3;
  }), '');
});

test('a lost entry is found', () => {
  assert.match(found(({ records }) => records.splice(4, 1)), /1 of 9 entries are lost.* is 4/);
});

test('lost entries at the end are found by what was acknowledged', () => {
  assert.match(found((it) => {
    it.acknowledged = 12;
  }), /3 of 12 entries are lost/);
});

test('a doubled entry is found', () => {
  assert.match(found(({ records }) => records.push(entry(8, 'B'))), /entry-8 is there twice/);
});

test('a write of a run that was over is found', () => {
  assert.match(found(({ records }) => records.push(entry(9, 'A'))), /entry-9 .* that was over/);
});

test('an entry out of order is found', () => {
  assert.match(found(({ records }) => records.reverse()), /was written late/);
});

test('two runs at once are found', () => {
  assert.match(found(({ runs }) => runs.splice(1, 1)), /run 2 started while 1 went on/);
  assert.match(found(({ runs }) => runs.pop()), /run 2 has no end/);
  assert.match(found(({ runs }) => runs.push(runs[1])), /run 1 ended/);
});

test('a history that is cut at its begin is well', () => {
  assert.equal(found(({ runs }) => runs.shift()), '');
});

test('a checkpoint that went back or ahead is found', () => {
  assert.match(found(({ runs }) => {
    runs[4].detail.checkpoints.from.next = 3;
  }), /run 2 began at 3, the one before ended at 6/);
  assert.match(found(({ runs }) => {
    runs[4].detail.checkpoints.to.next = 12;
  }), /the checkpoint says 12, and 9 entries/);
});

test('a limit that was exceeded once is found', () => {
  assert.deepEqual(judgeLimit({ limit: 100, counts: [88, 100], last: 100 }), []);
  assert.equal(judgeLimit({ limit: 100, counts: [101], last: 100 }).length, 1);
  assert.equal(judgeLimit({ limit: 100, counts: [100], last: 99 }).length, 1);
});

test('a seed plays the same faults again, another one others', () => {
  const plan = planOf(7, 60, { canCut: true });
  assert.ok(plan.length > 10);
  assert.deepEqual(planOf(7, 60, { canCut: true }), plan);
  assert.notDeepEqual(planOf(8, 60, { canCut: true }), plan);
  assert.ok(plan.every(({ at }, i) => i === 0 || at > plan[i - 1].at));
  assert.ok(planOf(7, 600, { canCut: false }).every(({ what }) => what !== 'cut'));
});
