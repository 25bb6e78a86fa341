// Schedules: a variant runs by itself, again and again, also when its worker is lost.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { descendantsOf, integration, Varia } from './support.mjs';

const period = 30_000;

const timesOf = async (varia, connection, variant) =>
  (await varia.records(connection, 'Tick', variant)).map(({ at }) => at).sort((a, b) => a - b);

async function killWorkerOf(varia, connection, variant) {
  const rows = await varia.variants(connection, 'timed');
  const { worker } = rows.find((one) => one.variant === variant);
  const workers = descendantsOf(varia.child.pid)
    .filter(({ words }) => words.includes('worker') && words.includes(worker));
  assert.equal(workers.length, 1, `one process of ${worker}`);
  process.kill(workers[0].pid, 'SIGKILL');
  return worker;
}

test('a started variant runs at once, and again after each period', async (t) => {
  const varia = await Varia.start(t);
  const connection = await varia.connect();
  const made = Date.now();
  await varia.create(connection, 'timed', 'v');
  const first = await varia.when(connection, 'timed', 'v', (now) => now.checkpoint?.runs === 1,
    { timeout: 5000 });
  const next = Date.parse(first.nextScheduledSyncAt);
  assert.ok(next > made && next <= made + period * 1.1 + 2000, first.nextScheduledSyncAt);

  const hurt = await varia.connect();
  await varia.create(hurt, 'timed', 'w');
  await varia.when(hurt, 'timed', 'w', (now) => now.checkpoint?.runs === 1);
  const lost = await killWorkerOf(varia, hurt, 'w');

  await varia.when(connection, 'timed', 'v', (now) => now.checkpoint?.runs === 2,
    { timeout: 45_000 });
  const times = await timesOf(varia, connection, 'v');
  assert.ok(times[1] - made >= period - 1000, `again after ${times[1] - made} ms`);
  await varia.when(hurt, 'timed', 'w', (now) => now.checkpoint?.runs >= 2, { timeout: 45_000 });
  assert.equal((await timesOf(varia, hurt, 'w')).length >= 2, true, `after the loss of ${lost}`);
});

test('a paused variant does not run by itself', async (t) => {
  const varia = await Varia.start(t);
  const connection = await varia.connect();
  await varia.create(connection, 'timed', 'paused');
  await varia.create(connection, 'timed', 'started');
  for (const name of ['paused', 'started']) {
    await varia.when(connection, 'timed', name, (now) => now.checkpoint?.runs === 1);
  }
  await varia.nango.pauseSync(integration, [{ name: 'timed', variant: 'paused' }], connection);
  await varia.when(connection, 'timed', 'started', (now) => now.checkpoint?.runs === 2,
    { timeout: 45_000 });
  const { checkpoint, status } = await varia.status(connection, 'timed', 'paused');
  assert.equal(status, 'PAUSED');
  assert.deepEqual(checkpoint, { runs: 1 });
});
