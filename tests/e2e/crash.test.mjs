// Any process may die in the middle of a run: nothing that was saved is lost, and the run ends.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { descendantsOf, integration, until, Varia } from './support.mjs';

const steps = Array.from({ length: 40 }, (_, step) => `step-${step}`);

/** Does something again and again while a coordinator or Redis is away and refuses. */
async function patiently(work) {
  for (let tries = 0; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (!error.isAxiosError || tries === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

/** Starts a run of forty small steps, hits a process in the middle, and waits for the end. */
async function killDuringRun(t, choose, signal = 'SIGKILL') {
  const varia = await Varia.start(t);
  const connection = await varia.connect({ metadata: { 'v.behaviour': 'steps' } });
  await varia.create(connection, 'behave', 'v');
  await varia.nango.triggerSync(integration, [{ name: 'behave', variant: 'v' }], connection);
  await varia.when(connection, 'behave', 'v', (now) => (now.recordCount.Mark ?? 0) > 10);
  const worker = await workerOf(varia, connection);
  const victim = descendantsOf(varia.child.pid).find((process) => choose(process, worker));
  assert.ok(victim, 'the process to hit');
  process.kill(victim.pid, signal);
  await patiently(() => varia.when(connection, 'behave', 'v',
    (now) => now.latestExecutionStatus === 'SUCCESS', { timeout: 30_000 }));
  const ids = (await varia.records(connection, 'Mark', 'v')).map(({ id }) => id);
  assert.deepEqual(ids.filter((id) => id.startsWith('step-')), steps);
  assert.ok(ids.includes('ended'));
  return { varia, connection, worker, victim };
}

const workerOf = (varia, connection) => varia.variants(connection, 'behave')
  .then((rows) => rows.find(({ variant }) => variant === 'v').worker);

/** Returns what the history of the variant says, oldest first. */
async function historyOf(varia, connection) {
  const query = new URLSearchParams({
    provider_config_key: integration, connection_id: connection, name: 'behave', variant: 'v',
  });
  const { body } = await varia.call('GET', `/varia/variants/runs?${query}`);
  return body.runs.map(({ what, detail }) => detail.error?.type ?? what).reverse();
}

test('a run outlives its coordinator, and stays where it is', { timeout: 90_000 }, async (t) => {
  const { varia, connection, worker } = await killDuringRun(t,
    ({ words }) => words.includes('coordinator'));
  assert.equal(await workerOf(varia, connection), worker);
  assert.deepEqual(await historyOf(varia, connection), ['triggered', 'started', 'success']);
  // The new coordinator leads when the lease of the old one has ended.
  await patiently(() => varia.nango.pauseSync(integration, [{ name: 'behave', variant: 'v' }],
    connection));
  assert.equal((await varia.status(connection, 'behave', 'v')).status, 'PAUSED');
});

test('a run goes on from its checkpoint when its worker dies', { timeout: 90_000 }, async (t) => {
  const { varia, connection } = await killDuringRun(t,
    ({ words }, of) => words.includes('worker') && words.includes(of));
  assert.deepEqual(await historyOf(varia, connection),
    ['triggered', 'started', 'run_lost', 'started', 'success']);
});

test('a frozen worker that comes back has lost its run', { timeout: 90_000 }, async (t) => {
  const { varia, connection, worker, victim } = await killDuringRun(t,
    ({ words }, of) => words.includes('worker') && words.includes(of), 'SIGSTOP');
  assert.notEqual(await workerOf(varia, connection), worker);
  const before = await varia.records(connection, 'Mark', 'v');
  process.kill(victim.pid, 'SIGCONT');
  await until(async () => {
    const { body } = await varia.call('GET', '/varia/workers');
    return body.workers.some((one) => one.worker === worker && one.alive && one.running === 0);
  }, { timeout: 20_000, what: `${worker} to join again` });
  // Time for a write that the frozen run had under way.
  await new Promise((resolve) => setTimeout(resolve, 1000));
  assert.deepEqual(await varia.records(connection, 'Mark', 'v'), before);
  assert.deepEqual(await historyOf(varia, connection),
    ['triggered', 'started', 'run_lost', 'started', 'success']);
});

test('a run waits for a Redis that died and came back', { timeout: 90_000 }, async (t) => {
  await killDuringRun(t, ({ name }) => name.startsWith('redis-server'));
});
