// What scripts do to the records of their variant, seen through the public client. Several cases
// are named after losses and leaks that variants are known for elsewhere.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { integration, Varia, wholeFile } from './support.mjs';

const file = wholeFile();
let varia;

before(async () => {
  varia = await Varia.start(file);
});

/** Makes a connection with these variants of a sync. */
async function connectionWith(sync, ...names) {
  const connection = await varia.connect();
  for (const name of names) await varia.create(connection, sync, name);
  return connection;
}

/** Runs steps in a variant and returns what they answered, in order. */
async function perform(connection, variant, ...steps) {
  await varia.nango.updateMetadata(integration, connection, { [`${variant}.steps`]: steps });
  const status = await varia.run(connection, 'cache', variant);
  const [answers] = await varia.records(connection, 'Answer', variant);
  return { status, answers: answers?.value };
}

async function done(connection, variant, ...steps) {
  const { status, answers } = await perform(connection, variant, ...steps);
  assert.equal(status.latestExecutionStatus, 'SUCCESS');
  return answers;
}

async function notes(connection, variant) {
  const all = await varia.records(connection, 'Note', variant);
  return all.map(({ _nango_metadata: { last_action: action }, ...note }) => ({ ...note, action }));
}

const live = (all) => all.filter(({ action }) => action !== 'DELETED').map(({ id }) => id).sort();

async function mirror(connection, variant, ids, fails = false) {
  await varia.nango.updateMetadata(integration, connection, {
    [`${variant}.ids`]: ids, [`${variant}.fails`]: fails,
  });
  return varia.run(connection, 'mirror', variant);
}

async function pages(connection, variant) {
  const all = await varia.records(connection, 'Page', variant);
  return live(all.map(({ id, _nango_metadata: { last_action: action } }) => ({ id, action })));
}

test('trackDeletes on a variant deletes its own vanished records and none of base', async () => {
  const connection = await connectionWith('mirror', 'eu');
  await mirror(connection, 'base', ['b1', 'b2']);
  await mirror(connection, 'eu', ['e1', 'e2', 'e3']);
  const { latestResult } = await mirror(connection, 'eu', ['e2']);
  assert.deepEqual(latestResult, { Page: { added: 0, updated: 0, deleted: 2 } });
  assert.deepEqual(await pages(connection, 'eu'), ['e2']);
  assert.deepEqual(await pages(connection), ['b1', 'b2']);
});

test('trackDeletes deletes nothing after a run that failed', async () => {
  const connection = await connectionWith('mirror', 'eu');
  await mirror(connection, 'eu', ['e1', 'e2', 'e3']);
  const { latestExecutionStatus } = await mirror(connection, 'eu', ['e1'], true);
  assert.notEqual(latestExecutionStatus, 'SUCCESS');
  assert.deepEqual(await pages(connection, 'eu'), ['e1', 'e2', 'e3']);
});

test('deleting a variant deletes its own records and none of base', async () => {
  const connection = await connectionWith('cache', 'eu');
  await done(connection, 'base', ['save', [{ id: 'b' }]]);
  await done(connection, 'eu', ['save', [{ id: 'e' }]]);
  await varia.remove(connection, 'cache', 'eu');
  assert.deepEqual(await notes(connection, 'eu'), []);
  assert.deepEqual(await notes(connection), [{ id: 'b', action: 'ADDED' }]);
});

test('a checkpoint does not survive its variant', async () => {
  const connection = await connectionWith('cache', 'eu');
  await done(connection, 'eu', ['mark', { page: 7 }]);
  await varia.remove(connection, 'cache', 'eu');
  await varia.create(connection, 'cache', 'eu');
  assert.deepEqual(await done(connection, 'eu', ['load']), [null]);
});

test('a reset of eu does not reset eu-west, nor one of base base2', async () => {
  const connection = await connectionWith('cache', 'eu', 'eu-west', 'base2');
  for (const variant of ['base', 'base2', 'eu', 'eu-west']) {
    await done(connection, variant, ['mark', { page: 7 }]);
    await varia.nango.updateMetadata(integration, connection, {
      [`${variant}.steps`]: [['load']],
    });
  }
  const opts = { reset: true };
  await varia.run(connection, 'cache', 'base', { opts });
  await varia.run(connection, 'cache', 'eu', { opts });
  for (const [variant, page] of [['base', null], ['eu', null], ['base2', 7], ['eu-west', 7]]) {
    const { checkpoint } = await varia.status(connection, 'cache', variant);
    assert.equal(checkpoint?.page ?? null, page, variant);
  }
});

test('the merging strategy of a variant leaves its own writes alone', async () => {
  const connection = await connectionWith('cache', 'eu');
  await done(connection, 'eu', ['save', [{ id: 'a', v: 1 }]]);
  await done(connection, 'eu', ['respect'], ['save', [{ id: 'a', v: 2 }, { id: 'b', v: 2 }]],
    ['save', [{ id: 'a', v: 3 }]]);
  assert.deepEqual(await notes(connection, 'eu'), [
    { id: 'b', v: 2, action: 'ADDED' }, { id: 'a', v: 3, action: 'UPDATED' },
  ]);
});

test('recordCount is that of the variant', async () => {
  const connection = await connectionWith('cache', 'eu');
  await done(connection, 'base', ['save', [{ id: '1' }]]);
  const { status } = await perform(connection, 'eu', ['fill', 5], ['remove', [{ id: 'n0' }]]);
  assert.deepEqual(status.recordCount, { Answer: 1, Note: 4 });
});

test('the result of a variant counts what its deletion tracking deleted', async () => {
  const connection = await connectionWith('cache', 'eu');
  await done(connection, 'eu', ['fill', 3]);
  const { status, answers } = await perform(connection, 'eu', ['start'],
    ['save', [{ id: 'n1', i: 1 }]], ['end']);
  assert.deepEqual(answers.at(-1), ['n0', 'n2']);
  assert.deepEqual(status.latestResult.Note, { added: 0, updated: 0, deleted: 2 });
});

test('deletion tracking spans runs and takes what any of them saved as seen', async () => {
  const connection = await connectionWith('cache', 'eu');
  await done(connection, 'eu', ['fill', 4]);
  await done(connection, 'eu', ['start'], ['save', [{ id: 'n0', i: 0 }]]);
  await done(connection, 'eu', ['save', [{ id: 'n1', i: 1 }]]);
  assert.deepEqual((await done(connection, 'eu', ['start'], ['end'])).at(-1), ['n2', 'n3']);
  assert.deepEqual(live(await notes(connection, 'eu')), ['n0', 'n1']);
});

test('deletion tracking that was never begun ends in an error', async () => {
  const connection = await connectionWith('cache', 'eu');
  const { status } = await perform(connection, 'eu', ['fill', 2], ['end']);
  assert.notEqual(status.latestExecutionStatus, 'SUCCESS');
  assert.deepEqual(live(await notes(connection, 'eu')), ['n0', 'n1']);
});

test('deleteRecordsFromPreviousExecutions deletes what this run has not saved', async () => {
  const connection = await connectionWith('cache', 'eu');
  await done(connection, 'eu', ['fill', 3]);
  const answers = await done(connection, 'eu', ['save', [{ id: 'n2', i: 2 }]], ['forget']);
  assert.deepEqual(answers.at(-1), ['n0', 'n1']);
});

test('listRecords of a script goes on after the first hundred', async () => {
  const connection = await connectionWith('cache', 'eu');
  const answers = await done(connection, 'eu', ['fill', 350], ['list']);
  assert.equal(new Set(answers.at(-1)).size, 350);
});

test('a record that was patched is unchanged when it is saved whole', async () => {
  const connection = await connectionWith('cache', 'eu');
  await done(connection, 'eu', ['save', [{ id: 'a', x: { y: 1 }, l: [1, 2] }]]);
  await done(connection, 'eu', ['update', [{ id: 'a', x: { z: 2 }, l: [3] }, { id: 'unknown' }]]);
  const whole = { id: 'a', x: { y: 1, z: 2 }, l: [3] };
  assert.deepEqual(await notes(connection, 'eu'), [{ ...whole, action: 'UPDATED' }]);
  const { status } = await perform(connection, 'eu', ['save', [whole]]);
  assert.deepEqual(status.latestResult.Note ?? { added: 0, updated: 0, deleted: 0 },
    { added: 0, updated: 0, deleted: 0 });
});

test('filters are a union', async () => {
  const connection = await connectionWith('cache', 'eu');
  await done(connection, 'eu', ['save', [{ id: 'add' }, { id: 'upd' }, { id: 'del' }]],
    ['save', [{ id: 'upd', v: 2 }]], ['remove', [{ id: 'del' }]]);
  const ids = async (filter) =>
    (await varia.records(connection, 'Note', 'eu', { filter })).map(({ id }) => id);
  assert.deepEqual(await ids('added'), ['add']);
  assert.deepEqual(await ids('added,updated'), ['add', 'upd']);
  assert.deepEqual(await ids('updated,deleted'), ['upd', 'del']);
  assert.deepEqual(await ids('added,deleted'), ['add', 'del']);
  assert.deepEqual(await ids('added,updated,deleted'), ['add', 'upd', 'del']);
});

test('a deleted record keeps its payload and tells when it was deleted', async () => {
  const connection = await connectionWith('cache', 'eu');
  await done(connection, 'eu', ['save', [{ id: 'a', v: 1 }]],
    ['remove', [{ id: 'a', deletedAt: '2026-01-02T03:04:05.678Z' }, { id: 'never', seen: false }]]);
  const [known, unknown] = await varia.records(connection, 'Note', 'eu');
  assert.equal(known.v, 1);
  assert.equal(Date.parse(known._nango_metadata.deleted_at), Date.UTC(2026, 0, 2, 3, 4, 5, 678));
  assert.equal(unknown.id, 'never');
  assert.equal(unknown._nango_metadata.last_action, 'DELETED');
  const { recordCount } = await varia.status(connection, 'cache', 'eu');
  assert.equal(recordCount.Note, 0);
});

test('a script finds its records by id, with text or number', async () => {
  const connection = await connectionWith('cache', 'eu');
  const answers = await done(connection, 'eu', ['save', [{ id: 7, v: 1 }, { id: 'x' }]],
    ['find', [7, 'x', 'none']]);
  const found = answers.at(-1).map(([key, { id, _nango_metadata: meta }]) =>
    [key, id, meta.last_action]);
  assert.deepEqual(found, [[7, '7', 'ADDED'], ['x', 'x', 'ADDED']]);
});

test('clearing a checkpoint that was never saved is fine', async () => {
  const connection = await connectionWith('cache', 'eu');
  assert.deepEqual(await done(connection, 'eu', ['clear'], ['load']), [null, null]);
});

test('a run reports which checkpoint it found and which it left', async () => {
  const connection = await connectionWith('cache', 'eu');
  await done(connection, 'eu', ['mark', { page: 1 }]);
  await done(connection, 'eu', ['load'], ['mark', { page: 2 }]);
  const query = new URLSearchParams({
    provider_config_key: integration, connection_id: connection, name: 'cache', variant: 'eu',
  });
  const { body } = await varia.call('GET', `/varia/variants/runs?${query}`);
  const { checkpoints } = body.runs.find(({ what }) => what === 'success').detail;
  assert.deepEqual(checkpoints, { from: { page: 1 }, to: { page: 2 } });
});
