// Numbers, spans and moments in words.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  bytes, compact, count, duration, percent, plural, relative,
} from '../../../dashboard/format.mjs';

test('groups the digits of large numbers', () => {
  assert.equal(count(1234567), '1,234,567');
  assert.equal(count(0), '0');
});

test('shortens numbers only where digits would not be read', () => {
  assert.equal(compact(9999), '9,999');
  assert.equal(compact(63_666), '63.7K');
  assert.equal(compact(12_000_000), '12M');
});

test('says one thing and many things', () => {
  assert.equal(plural(1, 'variant'), '1 variant');
  assert.equal(plural(5000, 'variant'), '5,000 variants');
  assert.equal(plural(0, 'entry', 'entries'), '0 entries');
});

test('tells spans in the two units that matter', () => {
  assert.equal(duration(840), '840 ms');
  assert.equal(duration(3200), '3.2 s');
  assert.equal(duration(250_000), '4m 10s');
  assert.equal(duration(3_600_000), '1h');
  assert.equal(duration(183_600_000), '2d 3h');
});

test('never rounds seconds up to sixty of them', () => {
  assert.equal(duration(59_949), '59.9 s');
  assert.equal(duration(59_999), '59s');
  assert.equal(duration(60_000), '1m');
});

test('tells how far a moment is away on either side of now', () => {
  assert.equal(relative(1_000_000, 1_001_000), 'just now');
  assert.equal(relative(1_001_000, 1_000_000), 'in a moment');
  assert.equal(relative(1_000_000, 1_240_000), '4m ago');
  assert.equal(relative(12_000_000, 1_200_000), 'in 3h');
});

test('tells bytes with as many digits as say something', () => {
  assert.equal(bytes(840), '840 B');
  assert.equal(bytes(71_700), '71.7 kB');
  assert.equal(bytes(241_000), '241 kB');
  assert.equal(bytes(2_500_000_000), '2.5 GB');
});

test('keeps a digit of small parts', () => {
  assert.equal(percent(0.031), '3.1 %');
  assert.equal(percent(0.46), '46 %');
  assert.equal(percent(0), '0 %');
});

test('shows a dash for what is not known', () => {
  for (const tell of [count, compact, duration, bytes, percent]) {
    assert.equal(tell(undefined), '–');
    assert.equal(tell(Number.NaN), '–');
  }
});
