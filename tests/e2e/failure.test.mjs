// Scripts that fail, and what they leave of the others.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { integration, Varia, wholeFile } from './support.mjs';

const file = wholeFile();
let varia;

before(async () => {
  varia = await Varia.start(file, { workers: 1, env: { VARIA_RUNTIME_MEMORY_MB: '128' } });
});

async function variantThat(behaviour) {
  const connection = await varia.connect({ metadata: { 'bad.behaviour': behaviour } });
  await varia.create(connection, 'behave', 'bad');
  await varia.create(connection, 'items', 'good');
  return connection;
}

async function becomesGood(connection) {
  await varia.nango.setMetadata(integration, connection, {});
  const { latestExecutionStatus } = await varia.run(connection, 'behave', 'bad',
    { timeout: 60_000 });
  assert.equal(latestExecutionStatus, 'SUCCESS');
}

async function errorOf(connection, variant) {
  const rows = await varia.variants(connection, 'behave');
  return rows.find((one) => one.variant === variant).last_error;
}

test('an error fails the run, with its message and the line of the script', async () => {
  const connection = await variantThat('throw');
  const status = await varia.run(connection, 'behave', 'bad');
  assert.equal(status.latestExecutionStatus, 'STOPPED');
  assert.deepEqual(status.latestResult, { Mark: { added: 1, updated: 0, deleted: 0 } });
  const { type, description, stack } = await errorOf(connection, 'bad');
  assert.equal(type, 'script_internal_error');
  assert.equal(description, 'the fifth item is broken');
  assert.match(stack, /behave\.ts:9:/);
  await becomesGood(connection);
});

test('a script in an endless loop does not stop the others', async () => {
  const connection = await variantThat('loop');
  await varia.nango.triggerSync(integration, [{ name: 'behave', variant: 'bad' }], connection);
  await varia.when(connection, 'behave', 'bad', (now) => now.recordCount.Mark === 1);
  for (let i = 0; i < 3; i += 1) {
    const { latestExecutionStatus } = await varia.run(connection, 'items', 'good',
      { timeout: 60_000 });
    assert.equal(latestExecutionStatus, 'SUCCESS');
  }
  const ended = await varia.when(connection, 'behave', 'bad', (now) => now.status !== 'RUNNING',
    { timeout: 60_000 });
  assert.equal(ended.latestExecutionStatus, 'STOPPED');
  await becomesGood(connection);
});

test('a script that eats all memory fails alone', async () => {
  const connection = await variantThat('memory');
  const status = await varia.run(connection, 'behave', 'bad', { timeout: 60_000 });
  assert.equal(status.latestExecutionStatus, 'STOPPED');
  assert.equal((await varia.run(connection, 'items', 'good')).latestExecutionStatus, 'SUCCESS');
  await becomesGood(connection);
});

test('metadata that a script does not expect fails its run alone', async () => {
  const connection = await variantThat('no such behaviour');
  const status = await varia.run(connection, 'behave', 'bad');
  assert.equal(status.latestExecutionStatus, 'STOPPED');
  assert.match((await errorOf(connection, 'bad')).description, /is not a function/);
  await becomesGood(connection);
});
