// Trigger, pause, start, status and frequency, through the public client.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { integration, refusal, Varia, wholeFile } from './support.mjs';

const file = wholeFile();
let varia;

before(async () => {
  varia = await Varia.start(file);
});

const byName = (name, variant) => [{ name, variant }];

async function waiting() {
  const connection = await varia.connect({ metadata: { 'v.behaviour': 'wait' } });
  await varia.create(connection, 'behave', 'v');
  await varia.nango.triggerSync(integration, byName('behave', 'v'), connection);
  await varia.when(connection, 'behave', 'v',
    (now) => now.status === 'RUNNING' && now.recordCount.Mark === 1);
  return connection;
}

test('a variant that never ran is paused, as its function asks', async () => {
  const connection = await varia.connect();
  const { id } = await varia.create(connection, 'items', 'v');
  assert.deepEqual(await varia.status(connection, 'items', 'v'), {
    id,
    connection_id: connection,
    type: 'INITIAL',
    nextScheduledSyncAt: null,
    name: 'items',
    variant: 'v',
    status: 'PAUSED',
    frequency: 'every 1d',
    recordCount: { Item: 0 },
    checkpoint: null,
  });
});

test('a trigger of a paused variant runs it once, and it stays paused', async () => {
  const connection = await varia.connect();
  await varia.create(connection, 'items', 'v');
  const status = await varia.run(connection, 'items', 'v');
  assert.equal(status.status, 'PAUSED');
  assert.equal(status.latestExecutionStatus, 'SUCCESS');
  assert.equal(status.nextScheduledSyncAt, null);
  assert.deepEqual(status.latestResult, { Item: { added: 3, updated: 0, deleted: 0 } });
  assert.deepEqual(status.recordCount, { Item: 3 });
  await sleep(1000);
  assert.equal((await varia.status(connection, 'items', 'v')).finishedAt, status.finishedAt);
});

test('the forms of naming a sync mean what they say', async () => {
  const connection = await varia.connect();
  await varia.create(connection, 'items', 'v');
  const { data } = await varia.nango.triggerSync(integration, ['items', 'items::v'], connection);
  assert.deepEqual(data, { success: true });
  for (const variant of ['base', 'v']) {
    await varia.when(connection, 'items', variant, (now) => now.finishedAt !== undefined);
  }
  const { syncs } = await varia.nango.syncStatus(integration, '*', connection);
  assert.deepEqual(syncs.map(({ name, variant }) => `${name}::${variant}`).sort(),
    ['behave::base', 'cache::base', 'items::base', 'items::v', 'mirror::base', 'poll::base',
      'timed::base']);
});

test('a trigger while the script runs is accepted', async () => {
  const connection = await waiting();
  const { status, data } = await varia.nango.triggerSync(integration, byName('behave', 'v'),
    connection);
  assert.equal(status, 200);
  assert.deepEqual(data, { success: true });
  assert.equal((await varia.status(connection, 'behave', 'v')).status, 'RUNNING');
  await varia.remove(connection, 'behave', 'v');
});

test('pause cancels the running script', async () => {
  const connection = await waiting();
  const { status } = await varia.nango.pauseSync(integration, byName('behave', 'v'), connection);
  assert.equal(status, 200);
  const after = await varia.when(connection, 'behave', 'v', (now) => now.status !== 'RUNNING');
  assert.equal(after.status, 'PAUSED');
  assert.equal(after.latestExecutionStatus, 'STOPPED');
  assert.deepEqual((await varia.records(connection, 'Mark', 'v')).map(({ id }) => id), ['began']);
});

test('a deletion cancels the running script and leaves nothing', async () => {
  const connection = await waiting();
  await varia.remove(connection, 'behave', 'v');
  assert.equal(await varia.status(connection, 'behave', 'v'), undefined);
  await sleep(500);
  assert.deepEqual(await varia.records(connection, 'Mark', 'v'), []);
  await varia.nango.setMetadata(integration, connection, {});
  await varia.create(connection, 'behave', 'v');
  const { latestExecutionStatus } = await varia.run(connection, 'behave', 'v');
  assert.equal(latestExecutionStatus, 'SUCCESS');
});

test('start and pause are shown, and repeat without harm', async () => {
  const connection = await varia.connect();
  await varia.create(connection, 'items', 'v');
  for (let i = 0; i < 2; i += 1) {
    const { data } = await varia.nango.startSync(integration, byName('items', 'v'), connection);
    assert.deepEqual(data, { success: true });
  }
  const started = await varia.status(connection, 'items', 'v');
  assert.notEqual(started.status, 'PAUSED');
  assert.ok(Date.parse(started.nextScheduledSyncAt) > Date.now());
  assert.ok(Date.parse(started.nextScheduledSyncAt) < Date.now() + 2 * 24 * 3600 * 1000);
  for (let i = 0; i < 2; i += 1) {
    await varia.nango.pauseSync(integration, byName('items', 'v'), connection);
  }
  const paused = await varia.when(connection, 'items', 'v', (now) => now.status === 'PAUSED');
  assert.equal(paused.nextScheduledSyncAt, null);
  // The base was not meant.
  assert.equal((await varia.status(connection, 'items')).status, 'PAUSED');
});

test('a frequency of its own is kept as written and answered in short', async () => {
  const connection = await varia.connect();
  await varia.create(connection, 'items', 'v');
  const sync = { name: 'items', variant: 'v' };
  const set = (frequency) =>
    varia.nango.updateSyncConnectionFrequency(integration, sync, connection, frequency);
  assert.deepEqual(await set('every 5m'), { frequency: '5m' });
  assert.equal((await varia.status(connection, 'items', 'v')).frequency, 'every 5m');
  assert.deepEqual(await set('every hour'), { frequency: '1h' });
  assert.equal((await varia.status(connection, 'items')).frequency, 'every 1d');
  const refused = { error: { code: 'invalid_body', message: 'Sync interval is invalid' } };
  for (const bad of ['every 5s', 'every 3 weeks', '* * * *']) {
    assert.deepEqual(await refusal(set(bad)), { status: 400, body: refused }, bad);
  }
  assert.equal((await varia.status(connection, 'items', 'v')).frequency, 'every hour');
  assert.deepEqual(await set(null), { frequency: 'every 1d' });
  assert.equal((await varia.status(connection, 'items', 'v')).frequency, 'every 1d');
});

test('a shorter frequency moves the next run', async () => {
  const connection = await varia.connect();
  await varia.create(connection, 'items', 'v');
  await varia.nango.startSync(integration, byName('items', 'v'), connection);
  await varia.nango.updateSyncConnectionFrequency(integration, { name: 'items', variant: 'v' },
    connection, 'every 10m');
  const { nextScheduledSyncAt } = await varia.status(connection, 'items', 'v');
  assert.ok(Date.parse(nextScheduledSyncAt) <= Date.now() + 11 * 60 * 1000);
});
