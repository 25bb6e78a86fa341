// The scenario of examples/orders: a variant with a threshold of its own beside the base variant,
// once with the public client and once with curl.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { before, test } from 'node:test';
import { promisify } from 'node:util';

import { createProvider, orders } from '../../examples/orders/provider.mjs';
import { apiKey, root, serve, Varia, wholeFile } from './support.mjs';

const run = promisify(execFile);
const key = 'orders';
const sync = 'sync-orders';
const variant = 'high-value-orders';
const file = wholeFile();
let varia;

before(async () => {
  const shop = await serve(file, createProvider());
  varia = await Varia.start(file, { project: `${root}/examples/orders` });
  await varia.nango.createIntegration({
    provider: 'unauthenticated', unique_key: key, custom: { base_url: shop },
  });
});

const idsFrom = (threshold) =>
  orders.filter(({ total }) => total >= threshold).map(({ id }) => id).sort();

async function curl(method, path, { body, headers = {} } = {}) {
  const { stdout } = await run('curl', [
    '-sS', '--max-time', '20', '-X', method, `${varia.url}${path}`,
    '-H', `Authorization: Bearer ${apiKey}`,
    ...Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]),
    ...(body ? ['-H', 'Content-Type: application/json', '-d', JSON.stringify(body)] : []),
  ]);
  return JSON.parse(stdout);
}

test('with the client, the variant keeps to its threshold and the base copies all', async () => {
  const shop = await varia.connect({ connection: 'shop-1', key });
  const made = await varia.create(shop, sync, variant, key);
  assert.equal(made.name, sync);
  assert.equal(made.variant, variant);
  await varia.nango.updateMetadata(key, shop, { 'high-value-orders.threshold': 500 });

  const status = await varia.run(shop, sync, variant, { key });
  assert.equal(status.latestExecutionStatus, 'SUCCESS');
  assert.deepEqual(status.latestResult, { Order: { added: 100, updated: 0, deleted: 0 } });
  const high = await varia.records(shop, 'Order', variant, { key, limit: 30 });
  assert.deepEqual(high.map(({ id }) => id).sort(), idsFrom(500));
  assert.deepEqual(await varia.records(shop, 'Order', undefined, { key }), []);

  await varia.run(shop, sync, 'base', { key });
  const base = await varia.records(shop, 'Order', undefined, { key });
  assert.deepEqual(base.map(({ id }) => id).sort(), idsFrom(0));
  const again = await varia.records(shop, 'Order', variant, { key });
  assert.deepEqual(again.map(({ id }) => id).sort(), idsFrom(500));

  const { _nango_metadata: about, ...payload } = base.find(({ id }) => id === 'order-007');
  assert.deepEqual(payload, orders.find(({ id }) => id === 'order-007'));
  assert.deepEqual(Object.keys(about).sort(), ['cursor', 'deleted_at', 'first_seen_at',
    'last_action', 'last_modified_at', 'pruned_at']);
  assert.equal(about.last_action, 'ADDED');
});

test('with curl, the same', async () => {
  const ids = { provider_config_key: key, connection_id: 'shop-2' };
  const made = await curl('POST', '/connections',
    { body: { ...ids, credentials: { type: 'NONE' } } });
  assert.equal(made.connection_id, 'shop-2');
  const created = await curl('POST', `/sync/${sync}/variant/${variant}`, { body: ids });
  assert.equal(created.variant, variant);

  const metadata = { 'high-value-orders.threshold': 900 };
  const echo = await curl('POST', '/metadata', { body: { connection_id: 'shop-2', metadata } });
  assert.deepEqual(echo.metadata, metadata);
  const { metadata: stored } = await curl('GET', `/connections/shop-2?provider_config_key=${key}`);
  assert.deepEqual(stored, metadata);

  assert.deepEqual(
    await curl('POST', '/sync/trigger', { body: { ...ids, syncs: [`${sync}::${variant}`] } }),
    { success: true });
  await varia.when('shop-2', sync, variant, (now) => now.finishedAt !== undefined, { key });

  const headers = { 'Connection-Id': 'shop-2', 'Provider-Config-Key': key };
  const high = await curl('GET', `/records?model=Order&variant=${variant}&limit=1000`, { headers });
  assert.deepEqual(high.records.map(({ id }) => id).sort(), idsFrom(900));
  assert.equal(high.next_cursor, null);
  const base = await curl('GET', '/records?model=Order', { headers });
  assert.deepEqual(base, { next_cursor: null, records: [] });
});

test('an id that two integrations use needs the integration to be named', async () => {
  await varia.nango.createIntegration({ provider: 'unauthenticated', unique_key: 'other' });
  await varia.connect({ connection: 'shared', key });
  await varia.connect({ connection: 'shared', key: 'other' });
  const { status } = await varia.call('POST', '/metadata',
    { body: { connection_id: 'shared', metadata: { a: 1 } } });
  assert.equal(status, 400);
  assert.deepEqual(await varia.nango.getMetadata(key, 'shared') ?? {}, {});
});

test('a changed threshold changes what the next run saves, and only in the variant', async () => {
  const shop = await varia.connect({ connection: 'shop-3', key });
  await varia.create(shop, sync, variant, key);
  await varia.nango.setMetadata(key, shop, { 'high-value-orders.threshold': 990 });
  await varia.run(shop, sync, variant, { key });
  assert.equal((await varia.records(shop, 'Order', variant, { key })).length, 2);
  await varia.nango.setMetadata(key, shop, { 'high-value-orders.threshold': 950 });
  const { latestResult } = await varia.run(shop, sync, variant, { key });
  assert.deepEqual(latestResult, { Order: { added: 8, updated: 0, deleted: 0 } });
  assert.equal((await varia.records(shop, 'Order', undefined, { key })).length, 0);
});
