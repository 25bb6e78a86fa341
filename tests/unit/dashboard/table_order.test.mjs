// Which rows of a long table are shown, and in what order.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  matches, moveTo, rowsInWindow, sorted, wordsOfSearch,
} from '../../../dashboard/table_order.mjs';

test('sorts names as people count', () => {
  const rows = ['v-10', 'v-9', 'v-1'].map((name) => ({ name }));
  assert.deepEqual(sorted(rows, (row) => row.name, false).map(({ name }) => name),
    ['v-1', 'v-9', 'v-10']);
});

test('puts what is not known last in either direction', () => {
  const rows = [{ at: Number.NaN }, { at: 2 }, { at: null }, { at: 1 }];
  assert.deepEqual(sorted(rows, (row) => row.at, false).slice(0, 2), [{ at: 1 }, { at: 2 }]);
  assert.deepEqual(sorted(rows, (row) => row.at, true).slice(0, 2), [{ at: 2 }, { at: 1 }]);
});

test('leaves equal rows in their order', () => {
  const rows = ['b', 'a', 'c'].map((name) => ({ name, state: 1 }));
  assert.deepEqual(sorted(rows, (row) => row.state, true).map(({ name }) => name),
    ['b', 'a', 'c']);
});

test('makes only the rows of the window and some around it', () => {
  const [first, end] = rowsInWindow({
    count: 5000, rowHeight: 40, top: -40_000, height: 800, spare: 10,
  });
  assert.deepEqual([first, end], [990, 1030]);
});

test('stays within the table at both ends', () => {
  const window = { count: 30, rowHeight: 40, height: 800, spare: 10 };
  assert.deepEqual(rowsInWindow({ ...window, top: 200 }), [0, 25]);
  assert.deepEqual(rowsInWindow({ ...window, top: -1100 }), [17, 30]);
  assert.deepEqual(rowsInWindow({ ...window, count: 0, top: 0 }), [0, 0]);
});

test('keeps a row when the table has become shorter than where the window is', () => {
  const [first, end] = rowsInWindow({ count: 3, rowHeight: 40, top: -90_000, height: 800 });
  assert.ok(first < end && end <= 3);
});

test('finds rows that have all words in any order', () => {
  const words = wordsOfSearch('  EU  mail ');
  assert.ok(matches('mailbox-eu-7', words));
  assert.ok(!matches('mailbox-us-7', words));
  assert.ok(matches('anything', wordsOfSearch('')));
});

test('moves with the arrows and never past the ends', () => {
  assert.equal(moveTo('ArrowDown', 0, 10, 5), 1);
  assert.equal(moveTo('ArrowUp', 0, 10, 5), 0);
  assert.equal(moveTo('PageDown', 7, 10, 5), 9);
  assert.equal(moveTo('Home', 7, 10, 5), 0);
  assert.equal(moveTo('End', 7, 10, 5), 9);
  assert.equal(moveTo('x', 7, 10, 5), null);
});
