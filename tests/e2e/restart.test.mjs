// What a stop leaves behind, and what a start finds again.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  descendantsOf, integration, survivorsOf, temporaryFolder, until, Varia,
} from './support.mjs';

test('a stop ends well and soon, a start finds everything again', async (t) => {
  const data = await temporaryFolder(t);
  const first = await Varia.start(t, { data });
  const connection = await first.connect({ metadata: { count: 5 } });
  const { id } = await first.create(connection, 'items', 'v');
  await first.run(connection, 'items', 'v');
  await first.nango.startSync(integration, [{ name: 'items', variant: 'v' }], connection);
  await first.nango.updateSyncConnectionFrequency(integration, { name: 'items', variant: 'v' },
    connection, 'every 5h');
  // To start a variant may make a run due; let it end before looking.
  await first.when(connection, 'items', 'v', (now) => now.status === 'SUCCESS');
  const records = await first.records(connection, 'Item', 'v');
  const status = await first.status(connection, 'items', 'v');

  const children = descendantsOf(first.child.pid);
  assert.ok(children.length >= 3, 'Redis and two workers at least');
  first.child.signal('SIGTERM');
  assert.deepEqual(await first.child.exit(10_000), { code: 0, signal: null });
  assert.deepEqual(survivorsOf(children), []);

  const second = await Varia.start(t, { data });
  const after = await second.when(connection, 'items', 'v', () => true);
  assert.equal(after.id, id);
  assert.deepEqual(after, status);
  assert.deepEqual(await second.records(connection, 'Item', 'v'), records);
  assert.deepEqual(await second.nango.getMetadata(integration, connection), { count: 5 });

  const { latestResult } = await second.run(connection, 'items', 'v');
  assert.deepEqual(latestResult, { Item: { added: 5, updated: 0, deleted: 0 } });
});

test('a stop does not wait for a script that never ends', async (t) => {
  const varia = await Varia.start(t);
  const connection = await varia.connect({
    metadata: { 'wait.behaviour': 'wait', 'loop.behaviour': 'loop' },
  });
  for (const name of ['wait', 'loop']) {
    await varia.create(connection, 'behave', name);
    await varia.nango.triggerSync(integration, [{ name: 'behave', variant: name }], connection);
    await varia.when(connection, 'behave', name, (now) => now.recordCount.Mark === 1);
  }
  const children = descendantsOf(varia.child.pid);
  varia.child.signal('SIGINT');
  assert.deepEqual(await varia.child.exit(10_000), { code: 0, signal: null });
  assert.deepEqual(survivorsOf(children), []);
});

test('a parent that is killed leaves no orphan', async (t) => {
  const varia = await Varia.start(t);
  const connection = await varia.connect({ metadata: { 'v.behaviour': 'wait' } });
  await varia.create(connection, 'behave', 'v');
  await varia.nango.triggerSync(integration, [{ name: 'behave', variant: 'v' }], connection);
  await varia.when(connection, 'behave', 'v', (now) => now.status === 'RUNNING');
  const children = descendantsOf(varia.child.pid);
  assert.ok(children.some(({ name }) => name.startsWith('redis-server')));
  await varia.child.kill();
  await until(() => survivorsOf(children).length === 0, {
    timeout: 15_000, what: 'the children to end',
    detail: () => survivorsOf(children).map(({ pid, name }) => `${name} ${pid}`).join(', '),
  });
});

test('a second start on a folder in use is refused', async (t) => {
  const first = await Varia.start(t);
  await assert.rejects(Varia.start(t, { data: first.data }), /ended early/);
  assert.equal((await first.call('GET', '/health')).status, 200);
});
