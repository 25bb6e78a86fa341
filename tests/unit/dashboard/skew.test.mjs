// How unevenly partitions are filled.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { heatOf, quantile, spreadOf, wordForSkew } from '../../../dashboard/skew.mjs';

test('calls equal partitions even', () => {
  const spread = spreadOf([5, 5, 5, 5]);
  assert.equal(spread.timesMedian, 1);
  assert.ok(Math.abs(spread.gini) < 1e-9);
  assert.equal(wordForSkew(spread.gini), 'even');
});

test('calls a sync of which one partition has nearly all very uneven', () => {
  const spread = spreadOf([1, 1, 1, 1, 1, 1, 1, 1, 1, 991]);
  assert.equal(spread.greatest, 991);
  assert.equal(spread.median, 1);
  assert.equal(spread.topShare, 0.991);
  assert.equal(wordForSkew(spread.gini), 'very uneven');
});

test('knows the spread of nothing', () => {
  assert.equal(spreadOf([]).gini, 0);
  assert.equal(spreadOf([0, 0]).total, 0);
});

test('leaves out what is not known', () => {
  assert.equal(spreadOf([1, Number.NaN, 3]).count, 2);
});

test('reads quantiles between values', () => {
  assert.equal(quantile([1, 2, 3, 4], 0.5), 2.5);
  assert.equal(quantile([7], 0.99), 7);
  assert.ok(Number.isNaN(quantile([], 0.5)));
});

test('gives the least and the greatest the first and the last colour', () => {
  assert.equal(heatOf(10, 10, 10_000, 6), 0);
  assert.equal(heatOf(10_000, 10, 10_000, 6), 5);
  assert.equal(heatOf(1_000_000, 10, 10_000, 6), 5);
  assert.equal(heatOf(5, 5, 5, 6), 3);
  assert.equal(heatOf(Number.NaN, 1, 2, 6), null);
});
