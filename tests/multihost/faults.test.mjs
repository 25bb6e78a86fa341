// What a cluster on real hosts does when one of them dies, freezes or is cut off.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { integration, until, wholeFile } from '../e2e/support.mjs';
import { HostCluster } from './cluster.mjs';
import { delays } from './hosts.mjs';

const limit = { timeout: 120_000 };
const steps = Array.from({ length: 40 }, (_, step) => `step-${step}`);

const file = wholeFile();
const cluster = await HostCluster.start();
file.after(() => cluster.stop());
const varia = cluster.api();
await varia.deploy();

/** Does something again while the API refuses because nobody leads or Redis is away. */
async function patiently(work, timeout = 30_000) {
  let last;
  return until(async () => {
    try {
      return { answer: await work() };
    } catch (error) {
      last = error;
      return false;
    }
  }, { timeout, every: 100, what: 'an answer', detail: () => `${last}\n${cluster.journals()}` })
    .then(({ answer }) => answer);
}

/** Starts a run of forty small steps; returns when it is in the middle. */
async function running(api = varia) {
  const connection = await api.connect({ metadata: { 'v.behaviour': 'steps' } });
  await api.create(connection, 'behave', 'v');
  await api.nango.triggerSync(integration, [{ name: 'behave', variant: 'v' }], connection);
  await api.when(connection, 'behave', 'v', (now) => (now.recordCount.Mark ?? 0) > 5);
  const rows = await api.variants(connection, 'behave');
  return { connection, worker: cluster.worker(rows.find((row) => row.variant === 'v').worker) };
}

/** Waits until the run has ended well, and checks that each step was saved once and in order. */
async function completed({ connection }, api = varia) {
  await patiently(() => api.when(connection, 'behave', 'v',
    (now) => now.latestExecutionStatus === 'SUCCESS', { timeout: 5_000 }), 60_000);
  const ids = (await api.records(connection, 'Mark', 'v')).map(({ id }) => id);
  assert.deepEqual(ids.filter((id) => id.startsWith('step-')), steps);
  assert.ok(ids.includes('ended'));
}

/** What the history says of its runs, oldest first. */
async function historyOf({ connection }, api = varia) {
  const query = new URLSearchParams({
    provider_config_key: integration, connection_id: connection, name: 'behave', variant: 'v',
  });
  const { body } = await api.call('GET', `/varia/variants/runs?${query}`);
  return body.runs.map(({ what, detail }) => detail.error?.type ?? what).reverse();
}

const moved = ['triggered', 'started', 'run_lost', 'started', 'success'];

/** The run ends on another worker; the one that lost it comes back and writes nothing more. */
async function comesBackFenced(run, mend) {
  let before;
  try {
    await completed(run);
    before = await varia.records(run.connection, 'Mark', 'v');
  } finally {
    await mend();
  }
  await cluster.settled();
  await sleep(1000); // Time for a write that the fenced run had under way.
  assert.deepEqual(await varia.records(run.connection, 'Mark', 'v'), before);
  assert.deepEqual(await historyOf(run), moved);
}

test('the variants of a worker that is killed go on elsewhere', limit, async () => {
  const run = await running();
  await run.worker.kill();
  await completed(run);
  assert.deepEqual(await historyOf(run), moved);
  await cluster.settled();
});

test('a worker that is cut off is fenced, and joins again when it is back', limit, async () => {
  const run = await running();
  run.worker.cut();
  await comesBackFenced(run, () => run.worker.heal());
});

test('a worker that is frozen is fenced, and joins again when it thaws', limit, async () => {
  const run = await running();
  await run.worker.freeze();
  await comesBackFenced(run, () => run.worker.thaw());
});

for (const [what, hit, mend] of [
  ['killed', (node) => node.kill(), () => {}],
  ['frozen', (node) => node.freeze(), (node) => node.thaw()],
  ['cut off', (node) => node.cut(), (node) => node.heal()],
]) {
  test(`the other coordinator takes over from one that is ${what}`, limit, async () => {
    const leader = await cluster.leader();
    assert.ok(leader, 'one coordinator leads');
    const standby = cluster.coordinators.find((node) => node !== leader);
    const run = await running(cluster.api(leader));
    await hit(leader);
    const api = cluster.api(standby);
    let connection;
    try {
      connection = await patiently(() => api.connect({ metadata: { count: 2 } }));
      await patiently(() => api.create(connection, 'items', 'v'));
      await patiently(() => api.run(connection, 'items', 'v'));
      assert.equal((await api.records(connection, 'Item', 'v')).length, 2);
      await completed(run, api);
      assert.deepEqual(await historyOf(run, api), ['triggered', 'started', 'success']);
    } finally {
      await mend(leader);
    }
    await cluster.settled();
    // The one that was away stands by now, and answers.
    assert.equal((await cluster.api(leader).records(connection, 'Item', 'v')).length, 2);
    await patiently(() => cluster.api(leader).run(connection, 'items', 'v'));
  });
}

test('a Redis that is out of reach for ten seconds costs time only', limit, async () => {
  const run = await running();
  cluster.redis.cut();
  try {
    await sleep(2000);
    const answer = await varia.call('GET', '/varia/variants', { patience: 20_000 });
    assert.equal(answer.status, 503, answer.text);
    await sleep(8000);
  } finally {
    cluster.redis.heal();
  }
  await completed(run);
  await cluster.settled();
});

test('a link with a delay of 100 ms is slow, and nothing else', {
  ...limit, skip: delays ? false : 'the kernel cannot delay links (no netem)',
}, async () => {
  for (const node of cluster.workers) node.host.delay(100);
  try {
    const run = await running();
    await completed(run);
    assert.deepEqual(await historyOf(run), ['triggered', 'started', 'success']);
  } finally {
    for (const node of cluster.workers) node.host.delay(0);
  }
});
