import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Host, jsonServer, refusal, script } from './host.mjs';

let host;
before(async () => {
  host = await Host.start();
});
after(async () => {
  assert.equal(await host.stop(), 0);
});

async function request(body, http = jsonServer(() => ({ body: {} }))) {
  const run = host.run(script(body), { handlers: { http } });
  const done = await run.done;
  assert.equal(done.error, undefined);
  const seen = run.logs.map(({ payload }) => JSON.parse(payload ?? 'null'));
  return { call: run.calls[0].args, calls: run.calls.map(({ args }) => args), seen: seen[0] };
}

test('parameters become a query', async () => {
  const { calls } = await request(`
    const params = { ids: [1, 2], q: 'x y', no: undefined, nil: null, f: false };
    await nango.get({ endpoint: '/a', params });
    await nango.get({ endpoint: '/a?b=1', params: { c: 2 } });
    await nango.get({ endpoint: '/a', params: 'b=1&c=2' });
    await nango.get({ endpoint: '/a', params: new URLSearchParams({ b: '1' }) });
    await nango.get({ endpoint: '/a', params: {} });
  `);
  assert.deepEqual(
    calls.map(({ url }) => url),
    ['/a?ids=1%2C2&q=x+y&f=false', '/a?b=1&c=2', '/a?b=1&c=2', '/a?b=1', '/a'],
  );
});

test('data becomes a body of the right type', async () => {
  const { calls } = await request(`
    const endpoint = '/a';
    await nango.post({ endpoint, data: { a: 1 } });
    await nango.put({ endpoint, data: [1], headers: { 'Content-Type': 'application/vnd.x+json' } });
    await nango.post({ endpoint, data: 'plain' });
    await nango.patch({ endpoint, data: new URLSearchParams({ a: '1' }) });
    await nango.post({ endpoint, data: Buffer.from([1, 2]), headers: { 'content-type': 'x/y' } });
    await nango.post({ endpoint, data: { a: [1, 2], b: { c: 'd' } },
      headers: { 'content-type': 'application/x-www-form-urlencoded' } });
    await nango.delete({ endpoint });
  `);
  const form = 'application/x-www-form-urlencoded';
  assert.deepEqual(
    calls.map(({ method, headers, body }) => [
      method,
      Object.values(headers)[0],
      body && Buffer.from(body).toString(),
    ]),
    [
      ['POST', 'application/json', '{"a":1}'],
      ['PUT', 'application/vnd.x+json', '[1]'],
      ['POST', form, 'plain'],
      ['PATCH', `${form};charset=utf-8`, 'a=1'],
      ['POST', 'x/y', '\x01\x02'],
      ['POST', form, 'a%5B%5D=1&a%5B%5D=2&b%5Bc%5D=d'],
      ['DELETE', undefined, null],
    ],
  );
});

test('the other settings reach the host', async () => {
  const { call } = await request(`
    await nango.proxy({
      method: 'post', endpoint: 'https://x.test/a', baseUrlOverride: 'https://y.test',
      headers: { 'X-A': 1, gone: undefined }, retries: 3, retryOn: [404], providerConfigKey: 'p',
      connectionId: 'c', retryHeader: { after: 'x-wait' } });
  `);
  assert.deepEqual(call, {
    method: 'POST',
    url: 'https://x.test/a',
    baseUrlOverride: 'https://y.test',
    headers: { 'X-A': '1' },
    body: null,
    retries: 3,
    retryOn: [404],
    retryHeader: { after: ['x-wait'] },
    providerConfigKey: 'p',
    connectionId: 'c',
  });
});

test('only settings that were given are told', async () => {
  const { calls } = await request(`
    const endpoint = '/a';
    await nango.get({ endpoint });
    await nango.get({ endpoint, decompress: true, forwardHeadersOnRedirect: false });
    await nango.proxy({ endpoint, retries: '2', retryOn: 404, retryHeader: { at: ['x', 'y'] } });
    await nango.proxy({ endpoint, retries: -1, baseUrlOverride: new URL('https://y.test/v1') });
  `);
  assert.deepEqual(
    calls.map(({ method, decompress, forwardHeadersOnRedirect }) => [
      method,
      decompress,
      forwardHeadersOnRedirect,
    ]),
    [
      ['GET', undefined, undefined],
      ['GET', true, false],
      ['GET', undefined, undefined],
      ['GET', undefined, undefined],
    ],
  );
  assert.deepEqual(
    [calls[2].retries, calls[2].retryOn, calls[2].retryHeader],
    [2, [404], { at: ['x', 'y'] }],
  );
  assert.deepEqual([calls[3].retries, calls[3].baseUrlOverride], [0, 'https://y.test/v1']);
  assert.deepEqual([calls[0].retries, calls[0].retryOn, calls[0].retryHeader], [0, [], null]);
});

test('a response looks like one of axios', async () => {
  const { seen } = await request(
    `
    const { status, statusText, data, headers } = await nango.get({ endpoint: '/a' });
    const own = data.list instanceof Array;
    await nango.log('seen', { status, statusText, data, header: headers['x-a'], own });
  `,
    jsonServer(() => ({ status: 201, body: { list: [1] }, headers: { 'x-a': 'b' } })),
  );
  assert.deepEqual(seen, {
    status: 201,
    statusText: 'Created',
    data: { list: [1] },
    header: 'b',
    own: true,
  });
});

test('headers of a response can be asked as those of axios', async () => {
  const { seen } = await request(
    `
    const { headers, config, ...rest } = await nango.get({ endpoint: '/a', headers: { q: '1' } });
    return nango.log('seen', { get: headers.get('Link'), has: headers.has('LINK'),
      not: headers.has('get'), plain: headers.link, all: Object.keys(headers), config,
      own: headers instanceof Object && rest instanceof Object });
  `,
    jsonServer(() => ({ body: {}, headers: { link: 'x' } })),
  );
  assert.deepEqual(seen, {
    ...{ get: 'x', has: true, not: false, plain: 'x', all: ['content-type', 'link'], own: true },
    config: { endpoint: '/a', headers: { q: '1' }, method: 'get', url: '/a' },
  });
});

test('the type of a response can be chosen', async () => {
  const http = ({ url }) => ({
    status: 200,
    headers: {},
    body: Buffer.from({ '/json': '{"a":1}', '/text': 'no json', '/empty': '' }[url]),
    url,
  });
  const { seen } = await request(
    `
    const data = async (endpoint, responseType) =>
      (await nango.get({ endpoint, responseType })).data;
    await nango.log('seen', {
      json: await data('/json'), asText: await data('/json', 'text'), text: await data('/text'),
      empty: await data('/empty'), bytes: (await data('/json', 'arraybuffer')).toString('hex'),
      isBuffer: Buffer.isBuffer(await data('/json', 'arraybuffer')),
    });
  `,
    http,
  );
  assert.deepEqual(seen, {
    json: { a: 1 },
    asText: '{"a":1}',
    text: 'no json',
    empty: '',
    bytes: '7b2261223a317d',
    isBuffer: true,
  });
});

test('a response can be a stream', async () => {
  const { seen } = await request(
    `
    const { data } = await nango.get({ endpoint: '/a', responseType: 'stream' });
    const parts = [];
    for await (const part of data) parts.push(part);
    const text = Buffer.concat(parts).toString();
    const { data: again } = await nango.get({ endpoint: '/a', responseType: 'stream' });
    const heard = await new Promise((resolve) => again.on('data', resolve));
    await nango.log('seen', { text, heard: heard.toString() });
  `,
    ({ url }) => ({ status: 200, headers: {}, body: Buffer.from('flow'), url }),
  );
  assert.deepEqual(seen, { text: 'flow', heard: 'flow' });
});

test('an error status throws an error like that of axios', async () => {
  const { seen } = await request(
    `
    try {
      await nango.get({ endpoint: '/missing', params: { a: 1 } });
    } catch (error) {
      const { isAxiosError, name, message, code, response } = error;
      await nango.log('seen', { isAxiosError, name, message, code, status: response.status,
        data: response.data, header: response.headers['x-a'], own: error instanceof Error });
    }
  `,
    jsonServer(() => ({ status: 404, body: { why: 'gone' }, headers: { 'x-a': 'b' } })),
  );
  assert.deepEqual(seen, {
    isAxiosError: true,
    name: 'AxiosError',
    message: 'Request failed with status code 404',
    code: 'ERR_BAD_REQUEST',
    status: 404,
    data: { why: 'gone' },
    header: 'b',
    own: true,
  });
});

test('an uncaught error status ends the run with the status of the provider', async () => {
  const http = jsonServer(() => ({ status: 503, body: { secret: 'answer' } }));
  const run = host.run(script(`await nango.get({ endpoint: '/' });`), { handlers: { http } });
  const { ok, error } = await run.done;
  assert.equal(ok, false);
  assert.deepEqual([error.type, error.upstream], ['script_http_error', { status: 503 }]);
  assert.match(error.stack, /shop\/syncs\/orders\.cjs:2:\d+/);
  assert.ok(!JSON.stringify(error).includes('secret'));
});

test('a failed connection throws an error without a response', async () => {
  const http = () => Promise.reject(refusal('network', 'connection refused', 'ECONNREFUSED'));
  const run = host.run(
    script(`
      try { await nango.get({ endpoint: '/' }); }
      catch (error) {
        const { isAxiosError: axios, code } = error;
        await nango.log('seen', { axios, code, response: 'response' in error });
        throw error;
      }
    `),
    { handlers: { http } },
  );
  assert.equal((await run.done).error.type, 'script_network_error');
  assert.deepEqual(JSON.parse(run.logs[0].payload), {
    axios: true,
    code: 'ECONNREFUSED',
    response: false,
  });
});

test('a request that cannot be sent throws', async () => {
  for (const config of [
    '{}',
    `{ endpoint: '/', headers: { a: 'b\\r\\nc: d' } }`,
    `{ endpoint: '/', data: Buffer.alloc(17 << 20) }`,
  ]) {
    const run = host.run(script(`await nango.get(${config});`));
    assert.equal((await run.done).ok, false, config);
    assert.equal(run.calls.length, 0);
  }
});
