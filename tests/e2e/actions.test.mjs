// Actions and on-event functions through the public client.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { before, test } from 'node:test';

import { descendantsOf, root, serve, until, Varia, wholeFile } from './support.mjs';

const key = 'desk';
const file = wholeFile();
const asked = [];
const traces = new Map(); // By URL: the last traceparent that came with it.
const project = `${root}/tests/e2e/actions`;
let desk;
let varia;
let connection;

function provider() {
  return createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    traces.set(request.url, request.headers.traceparent);
    // The first of these is never answered.
    const isHeld = /\/9\d\/close$/.test(request.url);
    if (isHeld && asked.filter((line) => line.endsWith(request.url)).length === 1) return;
    const [, id] = /^\/tickets\/(\d+)\/close$/.exec(request.url) ?? [];
    response.writeHead(request.url === '/missing' ? 404 : 200, {
      'content-type': 'application/json', 'x-request-id': 'r1',
    });
    response.end(JSON.stringify(id ? { id: Number(id) } : { why: 'not here' }));
  });
}

before(async () => {
  desk = await serve(file, provider());
  varia = await Varia.start(file, { project });
  connection = await varia.connect({ key, baseUrl: desk });
});

function import_(connection_id, metadata) {
  const body = { provider_config_key: key, connection_id, credentials: { type: 'NONE' }, metadata };
  return varia.call('POST', '/connections', { body });
}

async function refusalOf(promise) {
  try {
    await promise;
  } catch ({ response }) {
    return { status: response.status, ...response.data.error };
  }
  throw new assert.AssertionError({ message: 'it was not refused' });
}

test('an action is triggered and answers with its output', async () => {
  const output = await varia.nango.triggerAction(key, connection, 'close', { id: 7 });
  assert.deepEqual(output, { closed: 7 });
  assert.ok(asked.includes('POST /tickets/7/close'));
});

test('an action runs while nobody waits, in turn, and its result is fetched', async () => {
  const all = [];
  for (const id of [11, 12, 13]) {
    all.push(await varia.nango.triggerActionAsync(key, connection, 'close', { id }));
  }
  const [first, , last] = all;
  assert.equal(first.statusUrl, `/action/${first.id}`);
  await until(async () => (await varia.call('GET', last.statusUrl)).status === 200,
    { timeout: 60_000, what: 'the last of the queued actions' });
  assert.deepEqual(await varia.nango.getAsyncActionResult({ id: first.id }), { closed: 11 });
  assert.deepEqual(await varia.nango.getAsyncActionResult(last), { closed: 13 });
  const order = asked.filter((line) => /\/1[123]\//.test(line));
  assert.deepEqual(order, [11, 12, 13].map((id) => `POST /tickets/${id}/close`));
  const { body } = await varia.call('GET', `/varia/actions/${first.id}/log`);
  assert.ok(body.lines.some(({ message }) => message === 'closed 11'));
});

test('failures are told in the ways that clients know', async () => {
  const fail = (how) => varia.nango.triggerAction(key, connection, 'fail', { how });
  const http = await refusalOf(fail('http'));
  assert.deepEqual([http.status, http.code], [424, 'script_http_error']);
  assert.deepEqual(http.upstream, {
    status: 404,
    headers: { 'content-type': 'application/json', 'x-request-id': 'r1' },
    body: { why: 'not here' },
  });
  const own = await refusalOf(fail('own'));
  assert.deepEqual([own.code, own.payload],
    ['action_script_runtime_error', { message: 'not today', until: 'monday' }]);
  assert.equal((await refusalOf(fail('large'))).code, 'script_output_too_large');
  assert.equal((await refusalOf(fail('plain'))).code, 'script_internal_error');
  const none = await refusalOf(varia.nango.triggerAction(key, connection, 'none'));
  assert.deepEqual([none.status, none.code], [404, 'not_found']);
  const nobody = await refusalOf(varia.nango.triggerAction(key, 'nobody', 'close'));
  assert.deepEqual([nobody.status, nobody.code], [400, 'unknown_connection']);
  const early = await refusalOf(varia.nango.getAsyncActionResult({
    id: '5f2c6b9e-52a1-4c39-9a39-6e4e8f3c1d2a',
  }));
  assert.deepEqual([early.status, early.code], [404, 'not_found']);
});

test('actions call each other so deep and no deeper, and many at once do not lock', async () => {
  const calls = Array.from({ length: 30 }, () =>
    varia.nango.triggerAction(key, connection, 'chain', { depth: 0 }));
  for (const output of await Promise.all(calls)) assert.deepEqual(output, { depth: 3 });
});

test('a sync calls an action', async () => {
  await varia.run(connection, 'tickets', 'base', { key });
  const [ticket] = await varia.records(connection, 'Ticket', undefined, { key });
  assert.equal(ticket.said, 4);
});

test('calls belong to the trace of who asked, also through a sync and the queue', async () => {
  const id = '4bf92f3577b34da6a3ce929d0e0e4736';
  const traceparent = `00-${id}-00f067aa0ba902b7-01`;
  const call = (number, headers = {}) => varia.call('POST', '/action/trigger', {
    headers: { traceparent, 'provider-config-key': key, 'connection-id': connection, ...headers },
    body: { action_name: 'close', input: { id: number } },
  });
  assert.equal((await call(21)).status, 200);
  assert.equal((await call(22, { 'x-async': 'true' })).status, 202);
  traces.delete('/tickets/4/close');
  const started = await varia.call('POST', '/sync/trigger', {
    headers: { traceparent },
    body: { provider_config_key: key, connection_id: connection, syncs: ['tickets'] },
  });
  assert.equal(started.status, 200, started.text);
  for (const ticket of [21, 22, 4]) {
    const came = await until(() => traces.get(`/tickets/${ticket}/close`),
      { timeout: 60_000, what: `the call for ticket ${ticket}` });
    assert.match(came, new RegExp(`^00-${id}-[0-9a-f]{16}-01$`), `ticket ${ticket}`);
    assert.notEqual(came, traceparent);
  }
});

test('what is deployed is shown', async () => {
  const [{ actions, 'on-events': events }] = await varia.nango.getScriptsConfig();
  assert.deepEqual(actions.map(({ name }) => name), ['chain', 'close', 'fail']);
  assert.equal(actions[1].input, 'ActionInput_desk_close');
  assert.deepEqual(events.map(({ name }) => name), ['farewell', 'greet', 'judge']);
});

test('on-event functions greet, judge and see connections off', async () => {
  assert.equal((await import_('fine', {})).status, 201);
  await until(async () => (await varia.nango.getMetadata(key, 'fine'))?.greeted === true,
    { timeout: 60_000, what: 'the greeting' });
  const refused = await import_('bad', { bad: true });
  assert.deepEqual([refused.status, refused.body.error.code],
    [400, 'connection_validation_failed']);
  const gone = await varia.call('GET', `/connections/bad?provider_config_key=${key}`);
  assert.equal(gone.status, 404);
  assert.equal((await import_('fine', { bad: true })).status, 400);
  assert.equal((await varia.nango.getMetadata(key, 'fine')).greeted, true);
  await varia.nango.deleteConnection(key, 'fine');
  assert.ok(asked.includes('POST /farewell'));
});

test('a queued action outlives its worker, and one that is waited for fails', async (t) => {
  const alone = await Varia.start(t, { project, workers: 1 });
  const link = await alone.connect({ key, baseUrl: desk });
  const queued = await alone.nango.triggerActionAsync(key, link, 'close', { id: 91 });
  const waited = refusalOf(alone.nango.triggerAction(key, link, 'close', { id: 92 }));
  const isAsked = (id) => asked.includes(`POST /tickets/${id}/close`);
  await until(() => isAsked(91) && isAsked(92), { timeout: 60_000, what: 'both to be asked' });
  const victim = descendantsOf(alone.child.pid).find(({ words }) => words.includes('worker'));
  process.kill(victim.pid, 'SIGKILL');
  await until(async () => (await alone.call('GET', queued.statusUrl)).status === 200,
    { timeout: 60_000, what: 'the queued action' });
  assert.deepEqual(await alone.nango.getAsyncActionResult(queued), { closed: 91 });
  assert.equal((await waited).code, 'run_lost');
  assert.equal(asked.filter((line) => line === 'POST /tickets/92/close').length, 1);
});
