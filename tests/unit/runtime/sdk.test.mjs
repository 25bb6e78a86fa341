// The methods that concern a connection and its surroundings, other runs, and the outside world.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Host, refusal, script } from './host.mjs';

let host;
before(async () => {
  host = await Host.start();
});
after(async () => {
  assert.equal(await host.stop(), 0);
  assert.equal(host.stderr, '');
});

/** Runs a body whose value is logged: the run with its error, and that value. */
async function outcome(body, { handlers = {}, context } = {}) {
  const run = host.run(script(`await nango.log('seen', await (async () => {${body}})());`), {
    handlers,
    context,
  });
  const { error } = await run.done;
  const payload = run.logs.at(-1)?.payload;
  return { ...run, error, seen: payload === undefined ? undefined : JSON.parse(payload) };
}

const called = ({ calls }) => calls.map(({ method, args }) => [method, args]);

test('a script knows where it runs', async () => {
  const { seen } = await outcome(`return { ...nango, lastSyncDate: undefined };`, {
    context: { variant: 'eu', accountId: 7, environmentId: 'e1', nangoConnectionId: 12 },
  });
  assert.deepEqual(seen, {
    ...{ variant: 'eu', accountId: 7, environmentId: 'e1', nangoConnectionId: 12 },
    ...{ connectionId: 'c1', providerConfigKey: 'shop', provider: 'unauthenticated' },
    ...{ environmentName: 'dev', syncId: 's1', syncJobId: 'r1', activityLogId: 'r1' },
    ...{ scriptType: 'sync', isCLI: false, runnerFlags: {}, integrationConfig: {} },
    syncConfig: { sync_name: 'orders', models: ['Order'] },
  });
});

test('metadata is replaced or merged, and what is known of the connection forgotten', async () => {
  let metadata = { a: 1 };
  const handlers = {
    getMetadata: () => JSON.stringify(metadata),
    getConnection: () => JSON.stringify({ metadata }),
    setMetadata: ({ json }) => void (metadata = JSON.parse(json)),
    updateMetadata: ({ json }) => void (metadata = { ...metadata, ...JSON.parse(json) }),
  };
  const { seen, calls } = await outcome(
    `
    const before = [await nango.getMetadata(), await nango.getConnection()];
    const set = await nango.setMetadata({ b: new Date(0), gone: undefined });
    const between = await nango.getMetadata();
    const update = await nango.updateMetadata({ c: 3 });
    const { metadata } = await nango.getConnection();
    return { before, set, between, update, metadata, own: set.data instanceof Object };
  `,
    { handlers },
  );
  const b = '1970-01-01T00:00:00.000Z';
  const ids = { connection_id: 'c1', provider_config_key: 'shop' };
  assert.deepEqual(seen, {
    before: [{ a: 1 }, { metadata: { a: 1 } }],
    set: {
      ...{ status: 201, statusText: 'Created', headers: {}, config: {} },
      data: { ...ids, metadata: { b } },
    },
    between: { b },
    update: {
      ...{ status: 200, statusText: 'OK', headers: {}, config: {} },
      data: { ...ids, metadata: { c: 3 } },
    },
    metadata: { b, c: 3 },
    own: true,
  });
  assert.equal(calls.length, 6);
});

test('what is no object is no metadata', async () => {
  for (const value of ['null', '[1]', `'text'`, '']) {
    const { error, calls } = await outcome(`await nango.setMetadata(${value});`);
    assert.match(error.message, /the metadata must be an object/);
    assert.deepEqual(calls, []);
  }
});

test('metadata that was refused leaves what is known', async () => {
  const handlers = {
    getMetadata: () => '{"a":1}',
    setMetadata: () => Promise.reject(refusal('invalid', 'too large')),
  };
  const { seen, calls } = await outcome(
    `
    await nango.getMetadata();
    const error = await nango.setMetadata({}).catch((error) => error.message);
    return { error, metadata: await nango.getMetadata() };
  `,
    { handlers },
  );
  assert.deepEqual(seen, { error: 'too large', metadata: { a: 1 } });
  assert.equal(calls.length, 2);
});

for (const [type, credentials, token] of [
  ['OAUTH2', { access_token: 'a', refresh_token: 'r' }, 'a'],
  [
    'OAUTH1',
    { oauth_token: 'a', oauth_token_secret: 's' },
    { oAuthToken: 'a', oAuthTokenSecret: 's' },
  ],
  ['API_KEY', { apiKey: 'k' }, { type: 'API_KEY', apiKey: 'k' }],
  ['BASIC', { username: 'u', password: 'p' }, { type: 'BASIC', username: 'u', password: 'p' }],
  ['OAUTH2_CC', { token: 't' }, { type: 'OAUTH2_CC', token: 't' }],
]) {
  test(`the token of ${type} is what a program needs`, async () => {
    const handlers = {
      getConnection: () => JSON.stringify({ credentials: { type, ...credentials } }),
    };
    const { seen, calls } = await outcome(
      `const token = await nango.getToken(); await nango.getConnection();
       return { token, own: typeof token !== 'object' || token instanceof Object };`,
      { handlers },
    );
    assert.deepEqual(seen, { token, own: true });
    assert.equal(calls.length, 1);
  });
}

test('a connection can be asked for afresh', async () => {
  const { calls } = await outcome(
    `
    await nango.getConnection();
    await nango.getConnection(undefined, undefined, { refreshToken: true });
    await nango.getConnection(undefined, undefined, { forceRefresh: true });
    await nango.getConnection();
  `,
    { handlers: { getConnection: () => '{}' } },
  );
  assert.deepEqual(
    calls.map(({ args }) => args.forceRefresh),
    [undefined, undefined, true],
  );
});

test('an integration is asked for once for each kind of answer', async () => {
  const { seen, calls } = await outcome(
    `
    const { unique_key: key } = await nango.getIntegration();
    await nango.getIntegration({ include: ['webhook', 'credentials'] });
    await nango.getIntegration({ include: ['credentials', 'webhook'] });
    await nango.getIntegration();
    return { key };
  `,
    { handlers: { getIntegration: () => '{"unique_key":"shop"}' } },
  );
  assert.deepEqual(seen, { key: 'shop' });
  assert.deepEqual(
    calls.map(({ args }) => args),
    [{}, { include: ['credentials', 'webhook'] }],
  );
});

test('the surroundings of a connection can be read', async () => {
  const handlers = {
    getEnvironmentVariables: () => '[{"name":"A","value":"1"}]',
    getWebhookURL: () => 'https://x.test/webhook/e/shop',
  };
  const body = `return { variables: await nango.getEnvironmentVariables(),
    url: await nango.getWebhookURL(), flow: await nango.getFlowAttributes() };`;
  const full = await outcome(body, { handlers, context: { attributes: '{"a":1}' } });
  assert.deepEqual(full.seen, {
    variables: [{ name: 'A', value: '1' }],
    url: 'https://x.test/webhook/e/shop',
    flow: { a: 1 },
  });
  const bare = await outcome(body);
  assert.deepEqual(bare.seen, { variables: null, url: null, flow: null });
});

test('locks are asked of the host', async () => {
  const handlers = { tryAcquireLock: ({ key }) => key === 'free', releaseLock: () => true };
  const run = await outcome(
    `return { free: await nango.tryAcquireLock({ key: 'free', ttlMs: 1000.5 }),
      taken: await nango.tryAcquireLock({ key: 'taken', ttlMs: 1 }),
      released: await nango.releaseLock({ key: 'free' }),
      all: typeof await nango.releaseAllLocks() };`,
    { handlers },
  );
  assert.deepEqual(run.seen, { free: true, taken: false, released: true, all: 'undefined' });
  assert.deepEqual(called(run), [
    ['tryAcquireLock', { key: 'free', ttlMs: 1001 }],
    ['tryAcquireLock', { key: 'taken', ttlMs: 1 }],
    ['releaseLock', { key: 'free' }],
    ['releaseAllLocks', {}],
  ]);
});

test('syncs can be triggered in all the ways the format has', async () => {
  const run = await outcome(`
    const base = ['shop', 'c2'];
    await nango.triggerSync(...base, 'orders');
    await nango.triggerSync(...base, 'orders::eu');
    await nango.triggerSync(...base, { name: 'orders', variant: 'eu' }, { reset: true });
    await nango.triggerSync(...base, ['a', 'b'], { reset: true, emptyCache: true });
    await nango.triggerSync(...base, 'orders', 'full_refresh');
    await nango.triggerSync(...base, 'orders', 'full_refresh_and_clear_cache');
    await nango.triggerSync(...base, 'orders', 'incremental');
    await nango.triggerSync('shop', undefined, 'orders', true);
  `);
  const of = (name, variant = 'base') => ({ name, variant });
  assert.deepEqual(
    run.calls.map(({ args: { syncs, reset, emptyCache } }) => [syncs, reset, emptyCache]),
    [
      [[of('orders')], false, false],
      [[of('orders', 'eu')], false, false],
      [[of('orders', 'eu')], true, false],
      [[of('a'), of('b')], true, true],
      [[of('orders')], true, false],
      [[of('orders')], true, true],
      [[of('orders')], false, false],
      [[of('orders')], true, false],
    ],
  );
  assert.deepEqual(
    [run.calls[0].args.providerConfigKey, run.calls[0].args.connectionId],
    ['shop', 'c2'],
  );
  assert.ok(!('connectionId' in run.calls[7].args));
});

test('syncs can be started', async () => {
  const run = await outcome(`
    await nango.startSync('shop', ['a', { name: 'b', variant: 'eu' }], 'c2');
    await nango.startSync('shop', []);
  `);
  assert.deepEqual(called(run), [
    [
      'startSync',
      {
        providerConfigKey: 'shop',
        connectionId: 'c2',
        syncs: [
          { name: 'a', variant: 'base' },
          { name: 'b', variant: 'eu' },
        ],
      },
    ],
    ['startSync', { providerConfigKey: 'shop', syncs: [] }],
  ]);
});

test('an action is triggered with its input and gives its output', async () => {
  const run = await outcome(
    `return { out: await nango.triggerAction('shop', 'c2', 'refund', { at: new Date(0) }),
       none: await nango.triggerAction('shop', 'c2', 'ping') };`,
    {
      handlers: {
        triggerAction: ({ json }) => ({ status: 200, text: json ? '{"ok":true}' : 'null' }),
      },
    },
  );
  assert.deepEqual(run.seen, { out: { ok: true }, none: null });
  assert.deepEqual(run.calls[0].args, {
    ...{ providerConfigKey: 'shop', connectionId: 'c2', name: 'refund' },
    json: '{"at":"1970-01-01T00:00:00.000Z"}',
  });
});

for (const [call, message] of [
  [`tryAcquireLock({ ttlMs: 1 })`, /key of a lock must be a text/],
  [`tryAcquireLock({ key: 'x'.repeat(256), ttlMs: 1 })`, /at most 255/],
  [`tryAcquireLock({ key: 'x' })`, /needs its ttlMs/],
  [`tryAcquireLock({ key: 'x', ttlMs: 0 })`, /needs its ttlMs/],
  ['releaseLock()', /key of a lock/],
  [`triggerSync('shop', 'c', {})`, /name of a sync/],
  [`triggerSync('shop', 'c', 'orders::')`, /a variant/],
  [`triggerSync('', 'c', 'orders')`, /the integration/],
  [`triggerSync('shop', 'c', 'orders', 'often')`, /not a way to trigger/],
  [`startSync('shop', [1])`, /name of a sync/],
  [`triggerAction('shop', undefined, 'x')`, /a connection must be a text/],
  [`triggerAction('shop', 'c')`, /name of an action/],
  ['uncontrolledFetch()', /needs its url/],
  [`uncontrolledFetch({ url: 'file:///etc/passwd' })`, /not a URL to fetch from: file:/],
  [`uncontrolledFetch({ url: 'nowhere' })`, /Invalid URL/],
  [`uncontrolledFetch({ url: 'http://x', method: 'BREW' })`, /not a method/],
  [`uncontrolledFetch({ url: 'http://x', body: 'x' })`, /with GET has no body/],
  [`uncontrolledFetch({ url: 'http://x', headers: { a: 'b\\r\\nc: d' } })`, /not a header/],
]) {
  test(`nango.${call.slice(0, 60)} throws and asks nothing`, async () => {
    const { error, calls } = await outcome(`await nango.${call};`);
    assert.match(error.message, message);
    assert.deepEqual(calls, []);
  });
}

test('a fetch is answered as on the web', async () => {
  const handlers = {
    uncontrolledFetch: () => ({
      status: 201,
      headers: { 'content-type': 'application/json', 'x-a': 'b' },
      body: Buffer.from('{"ü":[1]}'),
      url: 'https://x.test/b',
    }),
  };
  const run = await outcome(
    `
    const ask = () => nango.uncontrolledFetch({ url: new URL('https://x.test/a?b=1'),
      method: 'post', headers: new Map([['X-A', '1']]), body: JSON.stringify({ a: 1 }) });
    const response = await ask();
    const copy = response.clone();
    const bytes = new Uint8Array(await (await ask()).arrayBuffer());
    const { ok, status, statusText, url, redirected } = response;
    const json = await response.json();
    return { ok, status, statusText, url, redirected, json, own: json.ü instanceof Array,
      text: await copy.text(), used: response.bodyUsed, length: bytes.length,
      header: response.headers.get('X-A'), none: response.headers.get('y'),
      has: response.headers.has('content-type'), all: [...response.headers].length,
      twice: await response.text().catch((error) => error.name) };
  `,
    { handlers },
  );
  assert.deepEqual(run.seen, {
    ...{ ok: true, status: 201, statusText: 'Created', url: 'https://x.test/b', redirected: true },
    ...{ json: { ü: [1] }, own: true, text: '{"ü":[1]}', used: true, length: 10 },
    ...{ header: 'b', none: null, has: true, all: 2, twice: 'TypeError' },
  });
  assert.deepEqual(
    { ...run.calls[0].args, body: Buffer.from(run.calls[0].args.body).toString() },
    {
      url: 'https://x.test/a?b=1',
      method: 'POST',
      headers: { 'X-A': '1', 'content-type': 'text/plain;charset=UTF-8' },
      body: '{"a":1}',
    },
  );
});

test('a fetch without an answer throws', async () => {
  const handlers = {
    uncontrolledFetch: () => Promise.reject(refusal('network', 'refused', 'ECONNREFUSED')),
  };
  const { seen } = await outcome(
    `return await nango.uncontrolledFetch({ url: 'http://x.test' })
       .catch(({ name, message, code }) => ({ name, message, code }));`,
    { handlers },
  );
  assert.deepEqual(seen, {
    name: 'TypeError',
    message: 'fetch failed: refused',
    code: 'ECONNREFUSED',
  });
});

test('a fetch that fails with a status is an answer', async () => {
  const handlers = {
    uncontrolledFetch: () => ({ status: 503, headers: {}, body: Buffer.from('busy'), url: null }),
  };
  const { seen } = await outcome(
    `const response = await nango.uncontrolledFetch({ url: 'http://x.test' });
     return { ok: response.ok, text: await response.text(), url: response.url };`,
    { handlers },
  );
  assert.deepEqual(seen, { ok: false, text: 'busy', url: 'http://x.test/' });
});
