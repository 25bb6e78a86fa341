// Several coordinators and workers: whoever leads, every one of them serves, and variants move
// between workers while they run.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, test } from 'node:test';

import {
  apiKey, Child, freePort, integration, program, until, Varia, wholeFile,
} from './support.mjs';

const file = wholeFile();
const steps = Array.from({ length: 40 }, (_, step) => `step-${step}`);

let varia; // With the coordinator and the two workers of `varia dev`.
let standby; // Another coordinator of the same cluster, with an API of its own.

before(async () => {
  varia = await Varia.start(file);
  standby = await startCoordinator();
});

/** Starts one more coordinator; returns a `Varia` that talks to it. */
async function startCoordinator() {
  const [http, actors] = [await freePort(), await freePort()];
  const child = new Child('standby', program, [
    'coordinator', '--http', `127.0.0.1:${http}`, '--listen', `127.0.0.1:${actors}`,
    '--redis', `unix://${join(varia.data, 'redis.sock')}`,
  ]);
  file.after(() => child.stop(15_000));
  const result = Object.assign(new Varia(), { url: `http://127.0.0.1:${http}`, child });
  result.nango = new varia.nango.constructor({ host: result.url, secretKey: apiKey });
  await until(() => result.call('GET', '/ready').then(({ status }) => status === 200, () => false),
    { timeout: 20_000, what: 'the standby' });
  return result;
}

const coordinators = (of) => of.call('GET', '/varia/coordinators')
  .then(({ body }) => body.coordinators);

const leaderOf = (of) => coordinators(of)
  .then((all) => all.find(({ leads }) => leads)?.coordinator);

const nameOf = (of) => coordinators(of).then((all) => all
  .map(({ coordinator }) => coordinator).find((name) => name.includes(`/${of.child.pid}/`)));

const promote = (of, coordinator) => of.call('POST', '/varia/coordinators/promote',
  { body: { coordinator } });

const workerOf = (connection, variant) => varia.variants(connection, 'behave')
  .then((rows) => rows.find((one) => one.variant === variant).worker);

/** Starts a run of forty steps, and returns when it is in the middle. */
async function begin(connection) {
  await varia.create(connection, 'behave', 'v');
  await varia.nango.triggerSync(integration, [{ name: 'behave', variant: 'v' }], connection);
  await varia.when(connection, 'behave', 'v', (now) => (now.recordCount.Mark ?? 0) > 5);
}

/** Waits for the end of that run, and checks that every step was saved once. */
async function complete(connection) {
  await varia.when(connection, 'behave', 'v', (now) => now.latestExecutionStatus === 'SUCCESS',
    { timeout: 30_000 });
  const ids = (await varia.records(connection, 'Mark', 'v')).map(({ id }) => id);
  assert.deepEqual(ids.filter((id) => id.startsWith('step-')), steps);
}

test('a coordinator that does not lead serves reads and commands', async () => {
  assert.equal((await coordinators(standby)).length, 2);
  const connection = await standby.connect();
  await standby.create(connection, 'items', 'eu');
  const { latestExecutionStatus } = await standby.run(connection, 'items', 'eu');
  assert.equal(latestExecutionStatus, 'SUCCESS');
  assert.equal((await standby.call('GET', '/varia/status')).body.workers.length, 2);
  await standby.remove(connection, 'items', 'eu');
  assert.equal(await varia.status(connection, 'items', 'eu'), undefined);
});

test('the lead passes from one to the other and back, and no request fails', async () => {
  const connection = await varia.connect();
  let going = true;
  const failures = [];
  let created = 0;
  const load = [varia, standby].map(async (of, side) => {
    for (let i = 0; going; i += 1) {
      const variant = `v${side}-${i % 20}`;
      try {
        await of.create(connection, 'items', variant);
        created += 1;
        await of.remove(connection, 'items', variant);
      } catch (error) {
        failures.push(JSON.stringify(error.response?.data ?? error.message));
      }
    }
  });
  const former = await leaderOf(varia);
  const next = await nameOf(standby);
  assert.notEqual(former, next);
  for (const name of [next, former]) {
    assert.equal((await promote(varia, name)).status, 200);
    await until(async () => await leaderOf(varia) === name,
      { timeout: 5_000, what: 'the new leader' });
    await until(async () => (await standby.call('GET', '/varia/status')).body.workers?.length === 2,
      { timeout: 10_000, what: 'the workers' });
  }
  going = false;
  await Promise.all(load);
  assert.deepEqual(failures, []);
  assert.ok(created > 10, `${created} created`);
  const nobody = await promote(varia, 'nobody');
  assert.equal(nobody.status, 404);
});

test('a running variant moves to the other worker and goes on there', async () => {
  const connection = await varia.connect({ metadata: { 'v.behaviour': 'steps' } });
  await begin(connection);
  const from = await workerOf(connection, 'v');
  const to = from === 'worker-1' ? 'worker-2' : 'worker-1';
  const moved = await varia.call('POST', '/varia/variants/move', { body: {
    provider_config_key: integration, connection_id: connection, name: 'behave', variant: 'v',
    worker: to,
  } });
  assert.equal(moved.status, 200, moved.text);
  await until(async () => await workerOf(connection, 'v') === to, { what: 'the move' });
  await complete(connection);
  const query = new URLSearchParams({
    provider_config_key: integration, connection_id: connection, name: 'behave', variant: 'v',
  });
  const { body } = await varia.call('GET', `/varia/variants/runs?${query}`);
  const history = body.runs.reverse();
  assert.deepEqual(history.map(({ what }) => what),
    ['triggered', 'started', 'interrupted', 'started', 'success']);
  const [, , ended, began] = history.map(({ id }) => Number(id.split('-')[0]));
  assert.ok(began - ended < 1_000, `it paused for ${began - ended} ms`);
});

test('a drained worker is empty, and its runs go on elsewhere', async () => {
  const connection = await varia.connect({ metadata: { 'v.behaviour': 'steps' } });
  await begin(connection);
  const worker = await workerOf(connection, 'v');
  const order = (word) => varia.call('POST', `/varia/workers/${word}`, { body: { worker } });
  assert.equal((await order('drain')).status, 200);
  await until(async () => {
    const { body } = await standby.call('GET', '/varia/workers');
    const row = body.workers.find((one) => one.worker === worker);
    return row.duty === 'draining' && row.variants === 0;
  }, { what: 'the empty worker' });
  await complete(connection);
  assert.notEqual(await workerOf(connection, 'v'), worker);
  assert.equal((await order('uncordon')).status, 200);
  assert.equal((await varia.call('GET', '/varia/rebalance')).status, 200);
});

test('when the leader dies the other one leads, and serves meanwhile', async () => {
  if (await leaderOf(standby) !== await nameOf(standby)) {
    await promote(varia, await nameOf(standby));
    await until(async () => await leaderOf(varia) === await nameOf(standby), { what: 'the lead' });
  }
  const connection = await varia.connect();
  standby.child.signal('SIGKILL');
  const began = Date.now();
  await varia.create(connection, 'items', 'eu');
  const took = Date.now() - began;
  const { latestExecutionStatus } = await varia.run(connection, 'items', 'eu');
  assert.equal(latestExecutionStatus, 'SUCCESS');
  assert.ok(took < 8_000, `the command took ${took} ms`);
});
