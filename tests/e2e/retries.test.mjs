// Schedules beyond the contract: retries, a stop after failures, cancelling, and their history.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { integration, until, Varia } from './support.mjs';

const names = (connection, variant) => ({
  provider_config_key: integration,
  connection_id: connection,
  name: 'behave',
  variant,
});

async function historyOf(varia, connection, variant) {
  const query = new URLSearchParams(names(connection, variant));
  const { body } = await varia.call('GET', `/varia/variants/runs?${query}`);
  return body.runs.reverse().map(({ what, reason }) => `${what}: ${reason}`);
}

const begin = (varia, connection, variant) =>
  varia.nango.startSync(integration, [{ name: 'behave', variant }], connection);

test('a failed run is made again, and a variant that fails too often is paused', async (t) => {
  const varia = await Varia.start(t);
  const connection = await varia.connect();
  await varia.nango.setMetadata(integration, connection, { 'bad.behaviour': 'throw' });
  await varia.create(connection, 'behave', 'bad');
  const schedule = { retry: { tries: 2, first: '1s' }, stop_after: 2 };
  const { status: set } = await varia.call('PUT', '/varia/variants/schedule', {
    body: { ...names(connection, 'bad'), schedule },
  });
  assert.equal(set, 200);
  await begin(varia, connection, 'bad');
  const paused = await varia.when(connection, 'behave', 'bad', (now) => now.status === 'PAUSED' &&
    now.pauseReason !== undefined);
  assert.equal(paused.pauseReason, 'stopped after 2 failures in a row');
  const failure = 'the fifth item is broken';
  const history = await historyOf(varia, connection, 'bad');
  const runs = history.filter((line) => /^(started|failed|paused)/.test(line));
  assert.match(runs[1], new RegExp(`^failed: .*${failure}`));
  assert.equal(runs[2], 'started: retry 1 of 2');
  assert.equal(runs.at(-1), 'paused: stopped after 2 failures in a row');
});

test('a run is cancelled, and the schedule stays as it is', async (t) => {
  const varia = await Varia.start(t);
  const connection = await varia.connect();
  await varia.nango.setMetadata(integration, connection, { 'long.behaviour': 'wait' });
  await varia.create(connection, 'behave', 'long');
  await begin(varia, connection, 'long');
  const running = await varia.when(connection, 'behave', 'long',
    (now) => now.status === 'RUNNING' && now.recordCount?.Mark === 1);
  const { status } = await varia.call('POST', '/varia/variants/cancel', {
    body: { ...names(connection, 'long'), reason: 'enough of it' },
  });
  assert.equal(status, 200);
  const ended = await varia.when(connection, 'behave', 'long', (now) => now.status === 'ERROR');
  assert.equal(ended.latestExecutionStatus, 'STOPPED');
  assert.equal(ended.nextScheduledSyncAt, running.nextScheduledSyncAt);
  assert.deepEqual(ended.recordCount, { Mark: 1 });
  let history;
  await until(async () => {
    history = await historyOf(varia, connection, 'long');
    return history.at(-1) === 'cancelled: enough of it';
  }, { timeout: 10_000, what: 'the history to say why', detail: () => history.join('\n') });
});
