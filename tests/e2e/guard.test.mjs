// With a guard, a source that breaks off cannot empty a cache.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { integration, Varia } from './support.mjs';

test('a run that would delete more than it may fails and deletes nothing', async (t) => {
  const varia = await Varia.start(t, { flags: ['--set', 'records.deletions_max_percent=50'] });
  const connection = await varia.connect();
  await varia.create(connection, 'mirror', 'eu');
  await varia.create(connection, 'cache', 'eu');
  const mirror = async (...ids) => {
    await varia.nango.updateMetadata(integration, connection, { 'eu.ids': ids });
    return varia.run(connection, 'mirror', 'eu');
  };
  const live = async (model) => (await varia.records(connection, model, 'eu',
    { filter: 'added,updated' })).map(({ id }) => id).sort();
  await mirror('a', 'b', 'c', 'd');

  assert.equal((await mirror('a', 'b')).latestExecutionStatus, 'SUCCESS');
  assert.deepEqual(await live('Page'), ['a', 'b']);
  await mirror('a', 'b', 'c');
  const refused = await mirror('a');
  assert.notEqual(refused.latestExecutionStatus, 'SUCCESS');
  assert.deepEqual(await live('Page'), ['a', 'b', 'c']);
  const [row] = (await varia.variants(connection, 'mirror')).filter(({ variant }) =>
    variant === 'eu');
  assert.match(JSON.stringify(row), /deletion_guard/);
  assert.match(JSON.stringify(row), /refused to delete 2 of 3 records of Page/);

  const perform = async (...steps) => {
    await varia.nango.updateMetadata(integration, connection, { 'eu.steps': steps });
    return varia.run(connection, 'cache', 'eu');
  };
  await perform(['fill', 4]);
  const tracked = await perform(['start'], ['save', [{ id: 'n0', i: 0 }]], ['end']);
  assert.notEqual(tracked.latestExecutionStatus, 'SUCCESS');
  assert.deepEqual(await live('Note'), ['n0', 'n1', 'n2', 'n3']);
});
