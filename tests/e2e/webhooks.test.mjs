// Webhooks to the application, checked by the public client, and webhooks of a provider.

import assert from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { before, test } from 'node:test';

import { Nango } from '@nangohq/node';

import { apiKey, root, serve, until, Varia, wholeFile } from './support.mjs';

const file = wholeFile();
const key = 'hooks';
const received = [];
let refusals = 0;
let varia;
let client;

before(async () => {
  const application = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      if (refusals > 0) {
        refusals -= 1;
        response.writeHead(503, { 'retry-after': '0' }).end();
        return;
      }
      received.push({ text, body: JSON.parse(text), headers: request.headers });
      response.writeHead(204).end();
    });
  });
  const url = await serve(file, application);
  varia = await Varia.start(file, { project: `${root}/tests/e2e/webhooks`, workers: 1 });
  const settings = await varia.call('PUT', '/varia/webhooks/settings',
    { body: { primary_url: `${url}/hooks`, on_sync_completion_always: false } });
  assert.equal(settings.status, 200, settings.text);
  const { body } = await varia.call('GET', '/varia/webhooks/signing-key');
  client = new Nango({
    host: varia.url, secretKey: apiKey, webhookSigningKey: body.data.webhook_signing_key,
  });
});

function heard(holds) {
  return until(() => received.find((each) => holds(each.body)), {
    timeout: 30_000, what: 'a webhook', detail: () => received.map(({ text }) => text).join('\n'),
  });
}

function verify({ text, body, headers }) {
  assert.ok(client.verifyIncomingWebhookRequest(text, headers));
  assert.ok(client.verifyWebhookSignature(headers['x-nango-signature'], body));
  assert.ok(!client.verifyIncomingWebhookRequest(`${text} `, headers));
  assert.match(headers['user-agent'], /^nango\//);
  assert.ok(headers['x-varia-event-id']);
}

test('a connection and the runs of its variants are told of', async () => {
  const connection = await varia.connect({ key });
  const auth = await heard((x) => x.type === 'auth' && x.connectionId === connection);
  verify(auth);
  assert.equal(auth.body.operation, 'creation');

  await varia.create(connection, 'hooked', 'eu', key);
  refusals = 1;
  await varia.run(connection, 'hooked', 'eu', { key });
  const sync = await heard((x) => x.type === 'sync' && x.connectionId === connection);
  verify(sync);
  const { modifiedAfter, queryTimeStamp, ...rest } = sync.body;
  assert.equal(queryTimeStamp, modifiedAfter);
  assert.match(modifiedAfter, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.deepEqual(rest, {
    checkpoints: { from: null, to: { count: 1 } },
    connectionId: connection,
    from: 'nango',
    model: 'Hook',
    providerConfigKey: key,
    responseResults: { added: 1, deleted: 0, updated: 0 },
    success: true,
    syncName: 'hooked',
    syncType: 'INITIAL',
    syncVariant: 'eu',
    type: 'sync',
  });
  assert.equal(sync.headers['x-varia-attempt'], '2');
  const { records } = await varia.nango.listRecords({
    providerConfigKey: key, connectionId: connection, model: 'Hook', variant: 'eu',
    modifiedAfter,
  });
  assert.equal(records.length, 1);

  await varia.nango.setMetadata(key, connection, { fails: true });
  await varia.run(connection, 'hooked', 'eu', { key });
  const failure = await heard((x) => x.connectionId === connection && x.success === false);
  verify(failure);
  assert.equal(failure.body.syncVariant, 'eu');
  assert.match(failure.body.error.description, /the provider is away/);
});

test('a webhook of the provider runs onWebhook and is passed on', async () => {
  const connection = await varia.connect({ key, metadata: { team: 't1' } });
  const other = await varia.connect({ key, metadata: { team: 't2' } });
  await varia.create(connection, 'hooked', 'eu', key);
  const rules = await varia.call('PUT', '/varia/webhooks/incoming', {
    body: {
      provider_config_key: key,
      secret: 'shh',
      rules: {
        scheme: 'hmac', header: 'X-Signature', prefix: 'sha256=', type_path: 'type',
        connection_path: 'team.id', connection_by: 'metadata.team', variant_path: 'region',
      },
    },
  });
  assert.equal(rules.status, 200, rules.text);
  const { pathname } = new URL(rules.body.webhook_url);
  const send = (event, secret = 'shh') => {
    const raw = JSON.stringify(event);
    const mark = createHmac('sha256', secret).update(raw).digest('hex');
    return varia.call('POST', pathname, { raw, auth: null,
      headers: { 'x-signature': `sha256=${mark}`, 'content-type': 'application/json' } });
  };

  const event = { type: 'order.created', id: randomUUID(), team: { id: 't1' } };
  assert.equal((await send(event, 'wrong')).status, 401);
  assert.equal((await send(event)).status, 200);
  await until(async () => (await varia.records(connection, 'Hook', undefined, { key }))
    .some(({ id, variant }) => id === event.id && variant === 'base'), {
    timeout: 30_000, what: 'the record of the event',
  });
  const told = await heard((x) => x.syncType === 'WEBHOOK' && x.connectionId === connection);
  verify(told);
  assert.equal(told.body.syncVariant, 'base');
  const forwarded = await heard((x) => x.type === 'forward' && x.connectionId === connection);
  verify(forwarded);
  assert.equal(forwarded.body.from, 'unauthenticated');
  assert.deepEqual(forwarded.body.payload, event);

  const routed = { ...event, id: randomUUID(), region: 'eu' };
  assert.equal((await send(routed)).status, 200);
  await until(async () => (await varia.records(connection, 'Hook', 'eu', { key }))
    .some(({ id, variant }) => id === routed.id && variant === 'eu'), {
    timeout: 30_000, what: 'the record of the routed event',
  });
  assert.deepEqual(await varia.records(other, 'Hook', undefined, { key }), []);
});
