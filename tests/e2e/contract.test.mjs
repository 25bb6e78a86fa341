// The list that a server must hold for the public client and its scripts: one case for each point,
// in the order of the list.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { Nango } from '@nangohq/node';

import { integration, refusal, serve, until, Varia, wholeFile } from './support.mjs';

const file = wholeFile();
const connection = 'contract';
const project = fileURLToPath(new URL('contract', import.meta.url));
let varia;
let nango;
let listed = ['a', 'b', 'c'];

// Two items on a page.
const provider = createServer((request, response) => {
  const after = new URL(request.url, 'http://x').searchParams.get('after') ?? '0';
  const page = listed.slice(Number(after), Number(after) + 2);
  const next = Number(after) + 2 < listed.length ? String(Number(after) + 2) : undefined;
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ items: page.map((id) => ({ id, name: `item ${id}` })), next }));
});

before(async () => {
  const baseUrl = await serve(file, provider);
  varia = await Varia.start(file, { project });
  nango = varia.nango;
  await varia.connect({ connection, baseUrl, metadata: { mode: 'full' } });
  await varia.create(connection, 'everything', 'eu');
});

const of = (variant) => ({ name: 'everything', variant });
const request = (variant, id = connection) => ({
  provider_config_key: integration, connection_id: id, name: 'everything', variant,
});
const code = async (promise) => {
  const { status, body } = await refusal(promise);
  return [status, body.error.code];
};
const with_key = (secretKey) => new Nango({ host: varia.url, secretKey });

async function seen(variant) {
  const all = await varia.records(connection, 'Seen', variant);
  return Object.fromEntries(all.map(({ id, value }) => [id, value]));
}

test('1: a key that is a version-4 UUID lets in, and none or a bad one does not', async () => {
  await nango.listIntegrations();
  assert.deepEqual(await code(with_key('no-key').listIntegrations()),
    [401, 'invalid_secret_key_format']);
  assert.deepEqual(
    await code(with_key('11111111-2222-4333-8444-555555555555').listIntegrations()),
    [401, 'unknown_account']);
  const bare = await varia.call('GET', '/integrations', { auth: null });
  assert.deepEqual([bare.status, bare.body.error.code], [401, 'missing_auth_header']);
});

test('2: a variant is created once, under a name that is one', async () => {
  const made = await nango.createSyncVariant(request('once'));
  assert.deepEqual(Object.keys(made), ['id', 'name', 'variant']);
  assert.deepEqual({ ...made, id: 0 }, { id: 0, name: 'everything', variant: 'once' });
  assert.deepEqual(await code(nango.createSyncVariant(request('once'))),
    [400, 'sync_variant_already_exists']);
  for (const name of ['base', 'BASE']) {
    assert.deepEqual(await code(nango.createSyncVariant(request(name))), [400, 'invalid_variant']);
  }
  assert.deepEqual(await code(nango.createSyncVariant(request('a b'))),
    [400, 'invalid_uri_params']);
});

test('3: a variant is deleted by a request with a body, once', async () => {
  assert.deepEqual(await nango.deleteSyncVariant(request('once')), { success: true });
  assert.deepEqual(await code(nango.deleteSyncVariant(request('once'))), [404, 'not_found']);
});

test('4: no more variants are created than the limit lets', async () => {
  await varia.connect({ connection: 'limit' });
  for (let i = 0; i < 100; i += 1) await nango.createSyncVariant(request(`v${i}`, 'limit'));
  assert.deepEqual(await code(nango.createSyncVariant(request('v100', 'limit'))),
    [400, 'resource_capped']);
});

test('5: a trigger names variants in each form, with each kind of options', async () => {
  const all = ['everything', of('eu'), 'everything::eu'];
  for (const options of [{ reset: true, emptyCache: true }, undefined, true, false, 'full_refresh',
    'full_refresh_and_clear_cache']) {
    const { status, data } = await nango.triggerSync(integration, all, connection, options);
    assert.deepEqual([status, data], [200, { success: true }]);
  }
  await varia.run(connection, 'everything', 'eu');
});

test('6: a trigger while the variant runs is taken', async () => {
  const both = await Promise.all([1, 2, 3].map(() =>
    nango.triggerSync(integration, [of('eu')], connection)));
  assert.deepEqual(both.map(({ status }) => status), [200, 200, 200]);
});

test('7: pause and start show in the status', async () => {
  await nango.startSync(integration, [of('eu')], connection);
  const started = await varia.when(connection, 'everything', 'eu',
    ({ nextScheduledSyncAt }) => nextScheduledSyncAt !== null);
  assert.notEqual(started.status, 'PAUSED');
  await nango.pauseSync(integration, [of('eu')], connection);
  const paused = await varia.when(connection, 'everything', 'eu',
    ({ status }) => status === 'PAUSED');
  assert.equal(paused.nextScheduledSyncAt, null);
});

test('8: the status of everything lists base and variants', async () => {
  const { syncs } = await nango.syncStatus(integration, '*', connection);
  assert.deepEqual(syncs.map(({ name, variant }) => `${name}::${variant}`).toSorted(),
    ['everything::base', 'everything::eu', 'quiet::base']);
});

test('9: the frequency of a variant is set and taken back', async () => {
  const set = (frequency) =>
    nango.updateSyncConnectionFrequency(integration, of('eu'), connection, frequency);
  assert.deepEqual(await set('every 5m'), { frequency: '5m' });
  assert.equal((await varia.status(connection, 'everything', 'eu')).frequency, 'every 5m');
  assert.deepEqual(await set(null), { frequency: 'every 1d' });
});

test('10: records are those of one variant, by pages, and queries are strict', async () => {
  const read = (more) => nango.listRecords({
    providerConfigKey: integration, connectionId: connection, model: 'Item', ...more,
  });
  await varia.create(connection, 'everything', 'pages');
  await varia.run(connection, 'everything', 'pages');
  const page = await read({ variant: 'pages', limit: 2 });
  assert.equal(page.records.length, 2);
  const rest = await read({ variant: 'pages', limit: 2, cursor: page.next_cursor });
  assert.deepEqual([rest.records.length, rest.next_cursor], [1, null]);
  assert.equal((await read({ variant: 'none' })).records.length, 0);
  const chosen = await read({ variant: 'pages', ids: ['a', 'c'] });
  assert.deepEqual(chosen.records.map(({ id }) => id).toSorted(), ['a', 'c']);
  const headers = { 'Connection-Id': connection, 'Provider-Config-Key': integration };
  const odd = await varia.call('GET', '/records/?model=Item&odd=1', { headers });
  assert.deepEqual([odd.status, odd.body.error.code], [400, 'invalid_query_params']);
});

test('11: the metadata of a record has its six fields', async () => {
  const [record] = await varia.records(connection, 'Item', 'pages');
  assert.equal(typeof record.id, 'string');
  assert.deepEqual(Object.keys(record._nango_metadata).toSorted(), ['cursor', 'deleted_at',
    'first_seen_at', 'last_action', 'last_modified_at', 'pruned_at']);
});

test('12: pruning tells how many records it emptied', async () => {
  const all = await varia.records(connection, 'Item', 'pages');
  const prune = (until_cursor, limit) => nango.pruneRecords({
    providerConfigKey: integration, connectionId: connection, model: 'Item', variant: 'pages',
    untilCursor: until_cursor, until_cursor, limit,
  });
  const last = all.at(-1)._nango_metadata.cursor;
  assert.deepEqual(await prune(last, 2), { count: 2, has_more: true });
  assert.deepEqual(await prune(last, 2), { count: 1, has_more: false });
});

test('13: metadata is set, updated and read', async () => {
  await varia.connect({ connection: 'second' });
  const set = await nango.setMetadata(integration, connection, { a: 1 });
  assert.deepEqual([set.status, set.data.metadata], [201, { a: 1 }]);
  const both = await nango.updateMetadata(integration, [connection, 'second'], { b: { c: 2 } });
  assert.deepEqual([both.status, both.data.metadata], [200, { b: { c: 2 } }]);
  assert.deepEqual(await nango.getMetadata(integration, connection), { a: 1, b: { c: 2 } });
  assert.deepEqual(await nango.getMetadata(integration, 'second'), { b: { c: 2 } });
});

test('14: scripts, integrations and variables are listed as the client expects', async () => {
  const [{ providerConfigKey, syncs }] = await nango.getScriptsConfig();
  assert.deepEqual([providerConfigKey, syncs.map(({ name }) => name).toSorted()],
    [integration, ['everything', 'quiet']]);
  const { configs } = await nango.listIntegrations();
  assert.deepEqual(configs.map(({ unique_key }) => unique_key), [integration]);
  await varia.call('PUT', '/varia/environment-variables/REGION', { body: { value: 'eu' } });
  assert.deepEqual(await nango.getEnvironmentVariables(), [{ name: 'REGION', value: 'eu' }]);
});

test('15: webhooks carry the variant, and the client finds them genuine', async () => {
  const told = [];
  const application = createServer(async (incoming, response) => {
    const parts = [];
    for await (const part of incoming) parts.push(part);
    told.push({ text: Buffer.concat(parts).toString(), headers: incoming.headers });
    response.writeHead(204).end();
  });
  const url = await serve(file, application);
  const set = (primary_url) =>
    varia.call('PUT', '/varia/webhooks/settings', { body: { primary_url } });
  assert.equal((await set(`${url}/hooks`)).status, 200);
  const { body } = await varia.call('GET', '/varia/webhooks/signing-key');
  const client = new Nango({
    host: varia.url, secretKey: varia.key, webhookSigningKey: body.data.webhook_signing_key,
  });
  await varia.run(connection, 'everything', 'eu');
  const webhook = await until(() => told.find(({ text }) => JSON.parse(text).type === 'sync'),
    { what: 'the webhook of the run' });
  await set('');
  assert.ok(client.verifyIncomingWebhookRequest(webhook.text, webhook.headers));
  assert.ok(!client.verifyIncomingWebhookRequest(`${webhook.text} `, webhook.headers));
  assert.equal(JSON.parse(webhook.text).syncVariant, 'eu');
});

test('16: the limit of calls is told on every answer, and kept', async () => {
  const small = await Varia.start(file, {
    project: null, workers: 1, flags: ['--set', 'http.calls_per_minute=40'],
  });
  const told = (answer, name) => Number(answer.headers.get(name));
  let first = await small.call('GET', '/connections');
  // Calls are counted by the minutes of the clock: one that is about to end would be two.
  const rest = told(first, 'x-ratelimit-reset') * 1000 - Date.now();
  if (rest < 20_000) {
    await sleep(rest + 500);
    first = await small.call('GET', '/connections');
  }
  assert.deepEqual([first.status, told(first, 'x-ratelimit-limit')], [200, 40]);
  const left = told(first, 'x-ratelimit-remaining');
  const answers = [];
  for (let i = 0; i <= left; i += 1) answers.push(await small.call('GET', '/connections'));
  assert.deepEqual(answers.map(({ status }) => status), [...Array(left).fill(200), 429]);
  assert.equal(told(answers[0], 'x-ratelimit-remaining'), left - 1);
  const late = answers.at(-1);
  assert.deepEqual(late.body,
    { error: { code: 'too_many_request', method: 'GET', path: '/connections' } });
  assert.ok(told(late, 'retry-after') >= 1 && told(late, 'retry-after') <= 60);
  assert.ok(told(late, 'x-ratelimit-reset') * 1000 > Date.now() - 5000);
});

test('17: a script has all that the contract promises', async () => {
  await nango.setMetadata(integration, connection, { mode: 'full' });
  await nango.createSyncVariant(request('script'));
  await varia.run(connection, 'everything', 'script');
  assert.deepEqual(await seen('script'),
    { variant: 'script', metadata: { mode: 'full' }, checkpoint: null, lastSyncDate: null });
  listed = ['a', 'c'];
  const after = await varia.run(connection, 'everything', 'script');
  assert.deepEqual(after.latestResult.Item, { added: 0, updated: 0, deleted: 1 });
  const { checkpoint, lastSyncDate } = await seen('script');
  assert.deepEqual(checkpoint, { runs: 1 });
  assert.ok(Date.parse(lastSyncDate) > 0);
  assert.deepEqual(after.checkpoint, { runs: 2 });
  const log = await varia.call('GET', `/varia/variants/log?${new URLSearchParams({
    provider_config_key: integration, connection_id: connection, name: 'everything',
    variant: 'script',
  })}`);
  assert.ok(log.body.lines.some(({ message }) => message === 'saved'));
});

test('18: a bundle that loads zod and prints to the console runs', async () => {
  const { latestExecutionStatus } = await varia.status(connection, 'everything', 'script');
  assert.equal(latestExecutionStatus, 'SUCCESS');
});

test('19: frequencies follow the grammar, from thirty seconds up', async () => {
  const set = (frequency) =>
    nango.updateSyncConnectionFrequency(integration, of('eu'), connection, frequency);
  for (const [text, short] of [['every hour', '1h'], ['30s', '30s'], ['10 minutes', '10 minutes'],
    ['every half day', '12h'], ['every quarter hour', '15m'], ['every month', '30d']]) {
    assert.deepEqual(await set(text), { frequency: short });
  }
  for (const text of ['every 29s', 'often', 'every 0m']) {
    assert.deepEqual(await code(set(text)), [400, 'invalid_body']);
  }
});

test('20: a sync that does not say to start by itself is paused', async () => {
  const status = await until(() => varia.status(connection, 'quiet'),
    { what: 'the base variant of quiet' });
  assert.deepEqual([status.status, status.nextScheduledSyncAt], ['PAUSED', null]);
});
