// Fifty variants at once on two workers.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { integration, Varia } from './support.mjs';

const count = 50;
const names = Array.from({ length: count }, (_, i) => `v${i}`);
const itemsOf = (i) => 10 + 7 * i;

test('fifty variants run at once on both workers and keep to themselves', async (t) => {
  const varia = await Varia.start(t, { workers: 2 });
  const metadata = Object.fromEntries(names.map((name, i) => [`${name}.count`, itemsOf(i)]));
  const connection = await varia.connect({ metadata });
  await Promise.all(names.map((name) => varia.create(connection, 'items', name)));

  for (let round = 1; round <= 3; round += 1) {
    const before = await statuses(varia, connection);
    await varia.nango.triggerSync(integration,
      names.map((variant) => ({ name: 'items', variant })), connection);
    await Promise.all(names.map((name) => varia.when(connection, 'items', name,
      (now) => now.finishedAt && now.finishedAt !== before.get(name)?.finishedAt,
      { timeout: 60_000 })));
    for (const [name, { latestExecutionStatus }] of await statuses(varia, connection)) {
      assert.equal(latestExecutionStatus, 'SUCCESS', name);
    }
  }

  for (const [i, name] of names.entries()) {
    const records = await varia.records(connection, 'Item', name);
    assert.ok(records.every(({ variant }) => variant === name), name);
    assert.deepEqual(records.map(({ number }) => number).sort((a, b) => a - b),
      Array.from({ length: 3 * itemsOf(i) }, (_, number) => number), name);
  }
  assert.deepEqual(await varia.records(connection, 'Item'), []);

  const mine = (await varia.variants(connection, 'items'))
    .filter(({ variant }) => variant !== 'base');
  assert.equal(mine.length, count);
  const workers = new Set(mine.map(({ worker }) => worker));
  assert.equal(workers.size, 2, `on ${[...workers]}`);
});

async function statuses(varia, connection) {
  const { syncs } = await varia.nango.syncStatus(integration, '*', connection);
  return new Map(syncs.filter(({ name, variant }) => name === 'items' && variant !== 'base')
    .map((one) => [one.variant, one]));
}
