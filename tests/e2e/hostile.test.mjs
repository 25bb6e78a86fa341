// Scripts and providers that do harm, each beside twenty healthy variants, which must not notice:
// all of them succeed in one go with exactly their data, and the culprit alone bears the blame.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { before, test } from 'node:test';

import { allItemsOf, hostileProvider } from './hostile_provider.mjs';
import { descendantsOf, root, serve, until, Varia, wholeFile } from './support.mjs';

const key = 'hostile';
const names = Array.from({ length: 20 }, (_, i) => `healthy-${i}`);
const patience = 120_000;
const file = wholeFile();
let varia;
let visitors = 0;

before(async () => {
  const forbidden = createServer((_, response) => {
    visitors += 1;
    response.end('{"secret":true}');
  });
  let away;
  const baseUrl = await serve(file, hostileProvider(() => away));
  away = `${await serve(file, forbidden, '127.0.0.2')}/secret`;
  const set = (name, value) => ['--set', `${name}=${value}`];
  varia = await Varia.start(file, {
    project: `${root}/tests/e2e/hostile`,
    workers: 1,
    flags: [
      ...set('upstream.timeout', '3s'), ...set('upstream.allow', '127.0.0.1'),
      ...set('logs.lines_per_run_max', 500),
    ],
  });
  await varia.connect({ key, connection: 'first', baseUrl });
});

/** Makes twenty healthy variants, and a culprit if it has a behaviour. */
async function neighbours(behaviour) {
  const connection = await varia.connect({ key, metadata: { behaviour } });
  await Promise.all(names.map((name) => varia.create(connection, 'healthy', name, key)));
  if (behaviour) await varia.create(connection, 'culprit', 'bad', key);
  return connection;
}

const healthySyncs = names.map((variant) => ({ name: 'healthy', variant }));

async function historyOf(connection, name, variant) {
  const query = new URLSearchParams({
    provider_config_key: key, connection_id: connection, name, variant,
  });
  const { body } = await varia.call('GET', `/varia/variants/runs?${query}`);
  return body.runs.map(({ what }) => what);
}

const isEnd = (what) => ['failed', 'success', 'cancelled'].includes(what);

// A run that was interrupted has not ended: it starts again.
async function ends(connection, name, variant) {
  let what;
  await until(async () => {
    what = await historyOf(connection, name, variant);
    return what.some(isEnd);
  }, { timeout: patience, what: `${name}::${variant}`, detail: () => `${what}`, every: 100 });
}

async function allSucceeded(connection) {
  for (const name of names) {
    await ends(connection, 'healthy', name);
    await succeeded(connection, name);
  }
}

async function succeeded(connection, name) {
  const what = await historyOf(connection, 'healthy', name);
  assert.deepEqual(what.filter(isEnd), ['success'], `${name}: ${what}`);
  const records = await varia.records(connection, 'Item', name, { key });
  const items = records.map(({ _nango_metadata: meta, ...item }) => {
    assert.equal(meta.last_action, 'ADDED', `${name}: ${item.id} was written twice`);
    return item;
  });
  const byId = (a, b) => (a.id < b.id ? -1 : 1);
  assert.deepEqual(items.sort(byId), allItemsOf(name).sort(byId), name);
}

/** Runs a culprit amid its healthy neighbours, and returns its status and its error. */
async function amid(behaviour) {
  const connection = await neighbours(behaviour);
  const syncs = [...healthySyncs];
  syncs.splice(10, 0, { name: 'culprit', variant: 'bad' });
  await varia.nango.triggerSync(key, syncs, connection);
  await allSucceeded(connection);
  await ends(connection, 'culprit', 'bad');
  const status = await varia.status(connection, 'culprit', 'bad', key);
  const [row] = (await varia.variants(connection, 'culprit', key))
    .filter(({ variant }) => variant === 'bad');
  const marks = await varia.records(connection, 'Mark', 'bad', { key });
  return { connection, status, error: row.last_error, marks };
}

async function failsAlone(behaviour, types, says = /./) {
  const { connection, status, error } = await amid(behaviour);
  assert.equal(status.latestExecutionStatus, 'STOPPED', JSON.stringify(error));
  assert.ok(types.includes(error.type), JSON.stringify(error));
  assert.match(error.description, says);
  const what = await historyOf(connection, 'culprit', 'bad');
  assert.equal(what.filter((one) => one === 'failed').length, 1, `${what}`);
}

async function succeeds(behaviour) {
  const { connection, status, error, marks } = await amid(behaviour);
  assert.equal(status.latestExecutionStatus, 'SUCCESS', JSON.stringify(error));
  return { connection, marks };
}

const scriptProcesses = () => descendantsOf(varia.child.pid)
  .filter(({ name, words }) => name === 'node' && words.some((word) => word.endsWith('child.cjs')));

test('twenty healthy variants run beside each other', async () => {
  const connection = await neighbours();
  await varia.nango.triggerSync(key, healthySyncs, connection);
  await allSucceeded(connection);
});

test('an endless loop fails alone', () => failsAlone('endless loop', ['runtime_crashed']));

test('an endless chain of promises fails alone', () =>
  failsAlone('endless promises', ['runtime_crashed']));

test('a script that fills the heap fails alone', () =>
  failsAlone('heap bomb', ['runtime_crashed']));

// Memory for buffers may end as an error that the script gets, or as the end of its process.
test('a script that fills memory with buffers fails alone', () =>
  failsAlone('buffer bomb', ['runtime_crashed', 'script_internal_error']));

const numberOf = (text) => Number(text.replaceAll(',', ''));

for (const [behaviour, count] of [['log flood', 10_000_000], ['unawaited log flood', 1_000_000]]) {
  test(`a ${behaviour} is cut off, and the script goes on`, async () => {
    const { connection } = await succeeds(behaviour);
    const query = new URLSearchParams({
      provider_config_key: key, connection_id: connection, name: 'culprit', variant: 'bad',
      limit: 1000,
    });
    const { body } = await varia.call('GET', `/varia/variants/log?${query}`);
    const shown = body.lines.filter(({ message }) => /^line \d+$/.test(message));
    assert.ok(shown.length > 100 && shown.length <= 500, `${shown.length} lines`);
    const told = body.lines.filter(({ level }) => level === 'warn')
      .flatMap(({ message }) => (message.match(/\d[\d,]*/g) ?? []).map(numberOf));
    assert.ok(told.includes(count - shown.length), JSON.stringify(body.lines.slice(0, 3)));
  });
}

test('a record of 100 MB is refused', () =>
  failsAlone('huge record', ['script_internal_error'], /large|MiB|bytes/));

test('what a timer throws after the end is nobody\'s failure', () => succeeds('late throw'));

test('what a timer throws before the end fails its own run', () =>
  failsAlone('timer throw', ['script_internal_error'], /^thrown in a timer$/));

test('no door leads to the process that could be ended', async () => {
  const { marks } = await succeeds('process exit');
  const { open, process } = marks.find(({ id }) => id === 'doors');
  assert.deepEqual({ open, process }, { open: [], process: 'undefined' });
});

test('no door leads to a process that could be started', async () => {
  const { marks } = await succeeds('fork');
  const { open, required } = marks.find(({ id }) => id === 'doors');
  assert.deepEqual({ open, required }, { open: [], required: [] });
});

test('a provider that never answers fails the run that asked', () =>
  failsAlone('silent provider', ['script_network_error']));

test('a provider that answers a byte a second fails the run that asked', () =>
  failsAlone('slow provider', ['script_network_error']));

test('a redirect to a refused address is not followed', async () => {
  await failsAlone('leading away', ['script_network_error'], /refuse|not allowed/);
  assert.equal(visitors, 0);
});

test('runs go on elsewhere when their processes are killed', async () => {
  const connection = await neighbours();
  await varia.nango.triggerSync(key, healthySyncs, connection);
  await until(async () => (await varia.records(connection, 'Item', names[0], { key })).length > 0,
    { timeout: patience, what: 'the first items' });
  const victims = scriptProcesses();
  assert.ok(victims.length > 0);
  for (const { pid } of victims) process.kill(pid, 'SIGKILL');
  await allSucceeded(connection);
  const histories = await Promise.all(names.map((name) => historyOf(connection, 'healthy', name)));
  assert.ok(histories.some((what) => what.includes('interrupted')), `${histories}`);
});

test('the worker serves as before when all is over', async () => {
  const connection = await neighbours('good');
  await varia.nango.triggerSync(key, healthySyncs, connection);
  await allSucceeded(connection);
  const { latestExecutionStatus } = await varia.run(connection, 'culprit', 'bad',
    { key, timeout: patience });
  assert.equal(latestExecutionStatus, 'SUCCESS');
});
