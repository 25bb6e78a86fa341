// The map of partitions: areas, and how far they are from squares.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { squarified } from '../../../dashboard/treemap.mjs';

const area = ({ width, height }) => width * height;

function overlap(a, b) {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return Math.max(width, 0) * Math.max(height, 0);
}

test('gives each value its part of the area', () => {
  const boxes = squarified([6, 6, 4, 3, 2, 2, 1], 600, 400);
  assert.equal(boxes.length, 7);
  const whole = 600 * 400;
  [6, 6, 4, 3, 2, 2, 1].forEach((value, i) => {
    assert.ok(Math.abs(area(boxes[i]) - whole * value / 24) < 1e-6);
  });
});

test('covers the box without overlaps', () => {
  const values = Array.from({ length: 300 }, (_, i) => 1 / (i + 1));
  const boxes = squarified(values, 937, 411);
  const sum = boxes.reduce((total, box) => total + area(box), 0);
  assert.ok(Math.abs(sum - 937 * 411) < 1e-3);
  for (const [i, a] of boxes.entries()) {
    assert.ok(a.x >= -1e-6 && a.y >= -1e-6);
    assert.ok(a.x + a.width <= 937 + 1e-6 && a.y + a.height <= 411 + 1e-6);
    for (const b of boxes.slice(i + 1)) assert.ok(overlap(a, b) < 1e-6);
  }
});

test('makes squares of equal values rather than strips', () => {
  const boxes = squarified(Array(100).fill(1), 500, 500);
  for (const { width, height } of boxes) {
    assert.ok(Math.max(width / height, height / width) < 2);
  }
});

test('draws nothing where there is nothing or no room', () => {
  assert.deepEqual(squarified([], 100, 100), []);
  assert.deepEqual(squarified([1], 0, 100), []);
});
