// Old payloads go by themselves, and so do the records of variants that run no more.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { integration, until, Varia } from './support.mjs';

const settings = (values) => Object.entries(values).flatMap(([key, value]) =>
  ['--set', `records.${key}=${value}`]);

const isPruned = (record) => record._nango_metadata.pruned_at !== null;

test('an old payload goes, and comes back with the next run that saves it', async (t) => {
  const flags = settings({ prune_after: '3s', retention_interval: '3s' });
  const varia = await Varia.start(t, { flags });
  const connection = await varia.connect();
  await varia.create(connection, 'items', 'v');
  await varia.run(connection, 'items', 'v');
  const saved = await varia.records(connection, 'Item', 'v');
  const pruned = await until(async () => {
    const now = await varia.records(connection, 'Item', 'v');
    return now.every(isPruned) ? now : null;
  }, { timeout: 30_000, what: 'the payloads to go' });

  assert.deepEqual(pruned.map(({ id }) => id), saved.map(({ id }) => id));
  for (const [i, record] of pruned.entries()) {
    assert.deepEqual(Object.keys(record).sort(), ['_nango_metadata', 'id']);
    assert.match(record._nango_metadata.pruned_at, /^\d{4}-\d\d-\d\dT/);
    assert.deepEqual({ ...record._nango_metadata, pruned_at: null }, saved[i]._nango_metadata);
  }
  assert.deepEqual((await varia.status(connection, 'items', 'v')).recordCount, { Item: 3 });

  // A record that comes back is as old as it was: the next round may overtake us.
  const restored = await until(async () => {
    const opts = { reset: true };
    const { latestResult } = await varia.run(connection, 'items', 'v', { opts });
    assert.deepEqual(latestResult.Item, { added: 0, updated: 0, deleted: 0 });
    const now = await varia.records(connection, 'Item', 'v');
    return now.some(isPruned) ? null : now;
  }, { timeout: 60_000, what: 'the payloads to come back' });
  assert.deepEqual(restored, saved);
});

test('an idle variant loses its records, and goes on from its checkpoint', async (t) => {
  const flags = settings({ purge_after: '2s', retention_interval: '1s' });
  const varia = await Varia.start(t, { flags });
  const connection = await varia.connect();
  await varia.create(connection, 'items', 'idle');
  await varia.create(connection, 'behave', 'busy');
  await varia.nango.updateMetadata(integration, connection, { 'busy.behaviour': 'wait' });
  await varia.nango.triggerSync(integration, [{ name: 'behave', variant: 'busy' }], connection);
  await varia.when(connection, 'behave', 'busy', (now) => now.recordCount.Mark === 1);
  await varia.run(connection, 'items', 'idle');
  await until(async () => (await varia.records(connection, 'Item', 'idle')).length === 0,
    { timeout: 30_000, what: 'the records to go' });
  assert.equal((await varia.records(connection, 'Mark', 'busy')).length, 1);
  assert.deepEqual((await varia.status(connection, 'items', 'idle')).recordCount, { Item: 0 });

  const { checkpoint } = await varia.run(connection, 'items', 'idle');
  assert.deepEqual(checkpoint, { next: 6 });
});
