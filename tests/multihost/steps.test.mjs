// A cluster on three hosts, set up by the steps of docs/operations.md as they stand there.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { Varia, integration, temporaryFolder, until, wholeFile } from '../e2e/support.mjs';
import { Network } from './hosts.mjs';
import { Operator, stepsOfDocument } from './steps.mjs';

const file = wholeFile();
const network = await Network.open();
file.after(() => network.close());
for (const [name, number] of [['alpha', 11], ['beta', 12], ['gamma', 13]]) {
  await network.add(name, number);
}
const folder = await temporaryFolder(file);
const operator = await Operator.at(network, folder);
let varia;

test('the steps of the document bring a cluster up', { timeout: 500_000 }, async () => {
  const steps = await stepsOfDocument();
  assert.ok(steps.length > 10, `${steps.length} steps`);
  let last;
  for (const step of steps) last = await operator.take(step);
  for (const name of ['alpha', 'beta', 'gamma']) assert.match(last, new RegExp(`\\b${name}\\b`));
  const key = (await readFile(join(folder, 'secrets/api-key'), 'utf8')).trim();
  varia = Varia.at('http://10.0.0.11:3003', key);
  const { body } = await varia.call('GET', '/varia/workers');
  assert.deepEqual(body.workers.map(({ worker, alive }) => [worker, alive]).sort(),
    [['alpha', true], ['beta', true], ['gamma', true]]);
});

test('its processes have no privileges, and scripts are shut in', async () => {
  const gamma = network.get('gamma');
  const status = await gamma.run(
    'for pid in $(pgrep -x varia); do cat /proc/$pid/status; done');
  assert.match(status, /^CapBnd:\s+0+$/m);
  assert.match(status, /^NoNewPrivs:\s+1$/m);
  assert.doesNotMatch(status, /^Uid:\s+0\s/m);
  const journal = gamma.journal('varia-worker', 200);
  assert.doesNotMatch(journal, /without a sandbox/);
});

test('both coordinators take deployments and commands', { timeout: 60_000 }, async () => {
  await varia.deploy();
  const other = Varia.at('http://10.0.0.12:3003', varia.key);
  const connection = await varia.connect({ metadata: { count: 5 } });
  for (const [at, variant] of [[varia, 'one'], [other, 'two']]) {
    await at.create(connection, 'items', variant);
    const { latestResult } = await at.run(connection, 'items', variant);
    assert.deepEqual(latestResult, { Item: { added: 5, updated: 0, deleted: 0 } });
  }
});

test('a stopped worker hands over what it runs', { timeout: 90_000 }, async () => {
  const connection = await varia.connect({ metadata: { 'v.behaviour': 'steps' } });
  await varia.create(connection, 'behave', 'v');
  await varia.nango.triggerSync(integration, [{ name: 'behave', variant: 'v' }], connection);
  await varia.when(connection, 'behave', 'v', (now) => (now.recordCount.Mark ?? 0) > 5);
  const [{ worker }] = (await varia.variants(connection, 'behave'))
    .filter(({ variant }) => variant === 'v');
  await network.get(worker).run('systemctl stop varia-worker', { timeout: 80_000 });
  await varia.when(connection, 'behave', 'v', (now) => now.latestExecutionStatus === 'SUCCESS');
  assert.equal((await varia.records(connection, 'Mark', 'v')).length, 42);
  await network.get(worker).run('systemctl start varia-worker');
});

test('the host of Redis loses its power, and the others go on', { timeout: 120_000 }, async () => {
  const other = Varia.at('http://10.0.0.12:3003', varia.key);
  const connection = await varia.connect({ metadata: { count: 3 } });
  await varia.create(connection, 'items', 'v');
  await varia.run(connection, 'items', 'v');
  await network.get('alpha').powerOff();
  await until(async () => {
    try {
      return await other.run(connection, 'items', 'v', { timeout: 20_000 });
    } catch {
      return false; // No primary or no leader yet.
    }
  }, { timeout: 90_000, every: 500, what: 'a run on what is left',
    detail: () => ['varia-coordinator', 'redis-sentinel']
      .map((unit) => network.get('beta').journal(unit, 20)).join('\n') });
  assert.equal((await other.records(connection, 'Item', 'v')).length, 6);
});
