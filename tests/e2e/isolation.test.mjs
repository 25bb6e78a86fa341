// Nothing of one variant touches another, whatever their names are.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { integration, refusal, Varia, wholeFile } from './support.mjs';

const file = wholeFile();
let varia;

before(async () => {
  varia = await Varia.start(file);
});

const numbersOf = (records) => records.map(({ number }) => number).sort((a, b) => a - b);
const firstNumbers = (count) => Array.from({ length: count }, (_, i) => i);

async function withVariants(names) {
  const connection = await varia.connect({ metadata: { count: 4 } });
  for (const name of names) {
    if (name !== 'base') await varia.create(connection, 'items', name);
    const { latestExecutionStatus } = await varia.run(connection, 'items', name);
    assert.equal(latestExecutionStatus, 'SUCCESS');
  }
  return connection;
}

test('deleting eu removes all of it and nothing of eu-west', async () => {
  const connection = await withVariants(['eu', 'eu-west', 'base']);
  const before_ = await varia.records(connection, 'Item', 'eu-west');
  assert.deepEqual(await varia.remove(connection, 'items', 'eu'), { success: true });

  assert.deepEqual(await varia.records(connection, 'Item', 'eu'), []);
  assert.equal(await varia.status(connection, 'items', 'eu'), undefined);
  assert.deepEqual(await refusal(varia.remove(connection, 'items', 'eu')),
    { status: 404, body: { error: { code: 'not_found' } } });

  assert.deepEqual(await varia.records(connection, 'Item', 'eu-west'), before_);
  const west = await varia.status(connection, 'items', 'eu-west');
  assert.deepEqual(west.checkpoint, { next: 4 });
  assert.deepEqual(west.recordCount, { Item: 4 });
  assert.equal((await varia.records(connection, 'Item')).length, 4);
  await varia.run(connection, 'items', 'eu-west');
  assert.deepEqual(numbersOf(await varia.records(connection, 'Item', 'eu-west')), firstNumbers(8));
});

test('a name that is made again starts empty', async () => {
  const connection = await withVariants(['eu']);
  const first = await varia.status(connection, 'items', 'eu');
  await varia.remove(connection, 'items', 'eu');
  const made = await varia.create(connection, 'items', 'eu');
  assert.notEqual(made.id, first.id);

  const fresh = await varia.status(connection, 'items', 'eu');
  assert.equal(fresh.checkpoint, null);
  assert.deepEqual(fresh.recordCount, { Item: 0 });
  assert.equal(fresh.latestExecutionStatus, undefined);
  assert.deepEqual(await varia.records(connection, 'Item', 'eu'), []);

  const { latestResult } = await varia.run(connection, 'items', 'eu');
  assert.deepEqual(latestResult, { Item: { added: 4, updated: 0, deleted: 0 } });
  assert.deepEqual(numbersOf(await varia.records(connection, 'Item', 'eu')), firstNumbers(4));
});

test('a reset forgets the checkpoint of eu alone, and empties its cache when asked', async () => {
  const connection = await withVariants(['eu', 'eu-west', 'base']);
  await varia.run(connection, 'items', 'eu', { opts: { reset: true } });
  assert.deepEqual((await varia.status(connection, 'items', 'eu')).checkpoint, { next: 4 });
  assert.equal((await varia.records(connection, 'Item', 'eu')).length, 4);

  await varia.run(connection, 'items', 'eu');
  assert.equal((await varia.records(connection, 'Item', 'eu')).length, 8);
  const opts = { reset: true, emptyCache: true };
  const { latestResult } = await varia.run(connection, 'items', 'eu', { opts });
  assert.deepEqual(latestResult, { Item: { added: 4, updated: 0, deleted: 0 } });
  assert.deepEqual(numbersOf(await varia.records(connection, 'Item', 'eu')), firstNumbers(4));

  for (const other of ['eu-west', 'base']) {
    const status = await varia.status(connection, 'items', other);
    assert.deepEqual(status.checkpoint, { next: 4 }, other);
    assert.deepEqual(status.recordCount, { Item: 4 }, other);
  }
});

test('a record is unchanged when saved again with the same content', async () => {
  const connection = await withVariants(['eu']);
  const before_ = await varia.records(connection, 'Item', 'eu');
  const { latestResult } = await varia.run(connection, 'items', 'eu', { opts: { reset: true } });
  assert.deepEqual(latestResult, { Item: { added: 0, updated: 0, deleted: 0 } });
  assert.deepEqual(await varia.records(connection, 'Item', 'eu'), before_);
});

test('deleting a connection takes its variants and leaves those of another', async () => {
  const gone = await withVariants(['eu']);
  const left = await withVariants(['eu']);
  await varia.nango.deleteConnection(integration, gone);
  const { status } = await varia.call('GET',
    `/connections/${gone}?provider_config_key=${integration}`);
  assert.equal(status, 404);
  assert.deepEqual(await varia.variants(gone, 'items'), []);
  assert.equal((await varia.records(left, 'Item', 'eu')).length, 4);
  const again = await varia.connect({ connection: gone });
  assert.deepEqual(await varia.records(again, 'Item', 'eu'), []);
});
