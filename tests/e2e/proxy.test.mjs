// Requests to a provider through the public client and the proxy route.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { before, test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { refusal, serve, Varia, wholeFile } from './support.mjs';

const file = wholeFile();
const key = 'shop';
const seen = [];
let varia;
let shop;
let failures = 0;

async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}

const provider = createServer(async (request, response) => {
  const { method, url, headers } = request;
  const body = await bodyOf(request);
  seen.push({ method, url, headers, body });
  if (url.startsWith('/fails') && failures > 0) {
    failures -= 1;
    response.writeHead(503, { 'retry-after': '0' }).end('{"wait":true}');
    return;
  }
  if (url.startsWith('/teapot')) {
    response.writeHead(418, { 'content-type': 'application/json', 'x-request-id': 'r-7' });
    response.end('{"short":"stout"}');
    return;
  }
  if (url.startsWith('/zipped')) {
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
    response.end(gzipSync('{"zipped":true}'));
    return;
  }
  if (url.startsWith('/inner')) {
    response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data' }).end();
    return;
  }
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ method, url, body, key: headers['x-api-key'],
    mine: headers['x-mine'], type: headers['content-type'] }));
});

before(async () => {
  shop = await serve(file, provider);
  varia = await Varia.start(file, { project: null, workers: 1 });
  await varia.nango.createIntegration({
    provider: 'api-key', unique_key: key, custom: { base_url: `${shop}/v1` },
  });
  const made = await varia.call('POST', '/connections', { body: {
    provider_config_key: key, connection_id: 'c1', credentials: { type: 'API_KEY', apiKey: 'k1' },
  } });
  assert.equal(made.status, 201);
});

const of = (more) => ({ providerConfigKey: key, connectionId: 'c1', ...more });

test('get, post, put, patch and delete reach the provider with the key', async () => {
  const got = await varia.nango.get(of({
    endpoint: '/items', params: { q: 'a b', n: 1 }, headers: { 'X-Mine': 'm' },
  }));
  assert.equal(got.status, 200);
  assert.deepEqual(got.data, {
    method: 'GET', url: '/v1/items?q=a+b&n=1', body: '', key: 'k1', mine: 'm',
  });
  for (const method of ['post', 'put', 'patch']) {
    const { data } = await varia.nango[method](of({ endpoint: 'items/7', data: { a: 1 } }));
    assert.equal(data.method, method.toUpperCase());
    assert.equal(data.url, '/v1/items/7');
    assert.equal(data.body, '{"a":1}');
    assert.match(data.type, /^application\/json/);
  }
  const { data } = await varia.nango.delete(of({ endpoint: '/items/7' }));
  assert.equal(data.method, 'DELETE');
});

test('the status, body and id of an answer come back', async () => {
  const { status, body } = await refusal(varia.nango.get(of({
    endpoint: '/teapot', baseUrlOverride: shop,
  })));
  assert.equal(status, 418);
  assert.deepEqual(body, { short: 'stout' });
  const raw = await varia.call('GET', '/proxy/teapot', { headers: {
    'Provider-Config-Key': key, 'Connection-Id': 'c1', 'Base-Url-Override': shop,
  } });
  assert.equal(raw.headers.get('x-request-id'), 'r-7');
});

test('retries happen in the server', async () => {
  failures = 2;
  seen.length = 0;
  const { status } = await varia.nango.get(of({
    endpoint: '/fails', baseUrlOverride: shop, retries: 3,
  }));
  assert.equal(status, 200);
  assert.equal(seen.length, 3);
});

test('a compressed answer is unpacked', async () => {
  const { data } = await varia.nango.get(of({ endpoint: '/zipped', baseUrlOverride: shop }));
  assert.deepEqual(data, { zipped: true });
});

test('a redirect to the metadata of a cloud is refused', async () => {
  const { status, body } = await refusal(varia.nango.get(of({
    endpoint: '/inner', baseUrlOverride: shop, retries: 5,
  })));
  assert.equal(status, 400);
  assert.equal(body.error.code, 'base_url_override_not_allowed');
});

test('what is unknown has the codes of the contract', async () => {
  const unknown = await refusal(varia.nango.get({
    providerConfigKey: key, connectionId: 'nope', endpoint: '/a',
  }));
  assert.equal(unknown.body.error.code, 'unknown_connection');
  const other = await refusal(varia.nango.get({
    providerConfigKey: 'nope', connectionId: 'c1', endpoint: '/a',
  }));
  assert.equal(other.body.error.code, 'unknown_provider_config');
});
