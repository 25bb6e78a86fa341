// Requests and answers, compared exactly: what a client of the API may rely on.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { integration, Varia, wholeFile } from './support.mjs';

const file = wholeFile();
const connection = 'shapes';
const ids = { provider_config_key: integration, connection_id: connection };
const idHeaders = { 'Connection-Id': connection, 'Provider-Config-Key': integration };
let varia;

before(async () => {
  varia = await Varia.start(file);
  await varia.connect({ connection });
  await varia.create(connection, 'items', 'taken');
});

// One case: a name, the request, and the answer.
function asks(name, [method, path, options = {}], [status, body]) {
  test(name, async () => {
    const answer = await varia.call(method, path, options);
    assert.deepEqual({ status: answer.status, body: answer.body }, { status, body });
    assert.match(answer.headers.get('content-type'), /^application\/json/);
  });
}

const legacy = (code, message, payload = {}) => ({ error: { message, code, payload } });
const plain = (code, message) => ({ error: message ? { code, message } : { code } });
const issues = (code, ...errors) => ({ error: { code, errors } });
const undefinedAt = (path, type = 'string') => ({
  code: 'invalid_type', message: `Invalid input: expected ${type}, received undefined`, path,
});
const unknownKey = (key) => ({
  code: 'unrecognized_keys', message: `Unrecognized key: "${key}"`, path: [],
});
const namePattern = '/^[a-zA-Z0-9_-]+$/';
const patternAt = (path, pattern = namePattern) => ({
  code: 'invalid_format', message: `Invalid string: must match pattern ${pattern}`, path,
});
const noSyncs = legacy('no_syncs_found', 'No syncs found given the inputs.');

describe('authentication', () => {
  const path = '/sync/items/variant/v1';
  const notUuid = legacy('invalid_secret_key_format',
    'Authentication failed. The provided secret key is not a UUID v4.');
  const missing = legacy('missing_auth_header',
    'Authentication failed. The request is missing the Authorization header.');

  asks('without a header', ['POST', path, { body: ids, auth: null }], [401, missing]);
  asks('records without a header',
    ['GET', '/records?model=Item', { auth: null, headers: idHeaders }], [401, missing]);
  asks('status without a header',
    ['GET', `/sync/status?syncs=*&provider_config_key=${integration}`, { auth: null }],
    [401, missing]);
  asks('a key that is no UUID', ['POST', path, { body: ids, auth: 'Bearer not-a-key' }],
    [401, notUuid]);
  asks('a header that is no key', ['POST', path, { body: ids, auth: 'abc' }], [401, notUuid]);
  asks('a key that nobody has',
    ['POST', path, { body: ids, auth: 'Bearer 11111111-2222-4333-8444-555555555555' }],
    [401, legacy('unknown_account',
      'Authentication failed. The provided authorization header does not match any account.')]);
});

describe('creating a variant', () => {
  const path = '/sync/items/variant/v2';
  const create = (body, at = path) => ['POST', at, { body }];

  asks('a duplicate', create(ids, '/sync/items/variant/taken'),
    [400, plain('sync_variant_already_exists')]);
  asks('a blank in the name', create(ids, '/sync/items/variant/a%20b'),
    [400, issues('invalid_uri_params', patternAt(['variant']))]);
  asks('a slash in the name', create(ids, '/sync/items/variant/a%2Fb'),
    [400, issues('invalid_uri_params', patternAt(['variant']))]);
  asks('colons in the name', create(ids, '/sync/items/variant/a::b'),
    [400, issues('invalid_uri_params', patternAt(['variant']))]);
  asks('a letter with an accent', create(ids, '/sync/items/variant/%C3%A9t%C3%A9'),
    [400, issues('invalid_uri_params', patternAt(['variant']))]);
  asks('a name that is too long', create(ids, `/sync/items/variant/${'x'.repeat(256)}`),
    [400, issues('invalid_uri_params', {
      code: 'too_big', message: 'Too big: expected string to have <=255 characters',
      path: ['variant'],
    })]);
  asks('a bad name of the sync', create(ids, '/sync/it%20ems/variant/v2'),
    [400, issues('invalid_uri_params', patternAt(['name']))]);
  asks('an unknown sync', create(ids, '/sync/nosync/variant/v2'), [400, plain('unknown_sync')]);
  asks('an unknown connection', create({ ...ids, connection_id: 'nobody' }),
    [400, plain('unknown_connection')]);
  asks('an unknown integration', create({ ...ids, provider_config_key: 'nope' }),
    [400, plain('unknown_connection')]);
  asks('the reserved name before the unknown connection',
    create({ ...ids, connection_id: 'nobody' }, '/sync/items/variant/base'),
    [400, plain('invalid_variant', 'Variant name "base" is protected.')]);
  asks('the body before the name', create({}, '/sync/items/variant/a%20b'),
    [400, issues('invalid_body', undefinedAt(['provider_config_key']),
      undefinedAt(['connection_id']))]);
  asks('an empty body', create({}),
    [400, issues('invalid_body', undefinedAt(['provider_config_key']),
      undefinedAt(['connection_id']))]);
  asks('no body', ['POST', path], [400, issues('invalid_body', undefinedAt([], 'object'))]);
  asks('wrong types', create({ provider_config_key: 1, connection_id: null }),
    [400, issues('invalid_body',
      { ...undefinedAt(['provider_config_key']),
        message: 'Invalid input: expected string, received number' },
      { ...undefinedAt(['connection_id']),
        message: 'Invalid input: expected string, received null' })]);
  asks('a control character in the connection',
    create({ ...ids, connection_id: 'a\nb' }),
    [400, issues('invalid_body',
      patternAt(['connection_id'], '/^[a-zA-Z0-9,.;:=+~[\\]|@${}"\'\\\\/_ -]+$/'))]);
  asks('a key that the body does not have', create({ ...ids, foo: 1 }),
    [400, issues('invalid_body', unknownKey('foo'))]);
  asks('a query', create(ids, `${path}?a=1`),
    [400, issues('invalid_query_params', unknownKey('a'))]);
  asks('an array', create([]),
    [400, issues('invalid_body', {
      code: 'invalid_type', message: 'Invalid input: expected object, received array', path: [],
    })]);
  asks('another content type',
    ['POST', path, { raw: 'x=1', headers: { 'content-type': 'text/plain' } }],
    [415, plain('invalid_content_type', 'Content-Type header must be application/json')]);

  test('text that is no JSON', async () => {
    const headers = { 'content-type': 'application/json' };
    const answer = await varia.call('POST', path, { raw: '{"a":', headers });
    assert.equal(answer.status, 400);
    assert.equal(answer.body.error.code, 'invalid_json');
    assert.equal(typeof answer.body.error.message, 'string');
  });

  test('an unknown path', async () => {
    const answer = await varia.call('POST', '/sync/items/nothing', { body: ids });
    assert.equal(answer.status, 404);
    assert.equal(answer.body.error.code, 'not_found');
  });

  test('nothing of all this made a variant', async () => {
    assert.equal(await varia.status(connection, 'items', 'v2'), undefined);
  });
});

describe('deleting a variant', () => {
  asks('base', ['DELETE', '/sync/items/variant/base', { body: ids }],
    [400, plain('invalid_variant', 'Cannot delete protected variant "base".')]);
  asks('one that is not there', ['DELETE', '/sync/items/variant/nope', { body: ids }],
    [404, plain('not_found')]);
  asks('of an unknown connection',
    ['DELETE', '/sync/items/variant/taken', { body: { ...ids, connection_id: 'nobody' } }],
    [400, plain('unknown_connection')]);
  asks('without a body', ['DELETE', '/sync/items/variant/taken'],
    [400, issues('invalid_body', undefinedAt([], 'object'))]);
});

describe('trigger, pause and status', () => {
  const trigger = (body, options = {}) => ['POST', '/sync/trigger', { body, ...options }];
  const missing = {
    connectionId: 'nobody', providerConfigKey: integration,
  };

  asks('headers in place of the body', trigger({ syncs: ['items'] }, { headers: idHeaders }),
    [200, { success: true }]);
  asks('an unknown variant', trigger({ ...ids, syncs: ['items::nope'] }), [400, noSyncs]);
  asks('an unknown variant in a pause',
    ['POST', '/sync/pause', { body: { ...ids, syncs: ['items::nope'] } }], [400, noSyncs]);
  asks('an unknown connection', trigger({ ...ids, connection_id: 'nobody', syncs: ['items'] }),
    [404, legacy('unknown_connection', "No connection matching the provided params of " +
      "'connection_id' and 'provider_config_key'. Please make sure these values exist in the " +
      `Nango dashboard ${JSON.stringify(missing, null, 2)}`, missing)]);
  asks('an unknown integration',
    trigger({ ...ids, provider_config_key: 'nope', syncs: ['items'] }),
    [400, legacy('unknown_provider_config', 'There is no Provider Configuration matching this ' +
      'key. Please make sure this value exists in the Nango dashboard {}')]);
  asks('no integration', trigger({ connection_id: connection, syncs: ['items'] }),
    [400, plain('missing_provider_config_key',
      'Missing provider_config_key. Provide it in the body or headers.')]);
  asks('no syncs', trigger(ids), [400, issues('invalid_body', undefinedAt(['syncs'], 'array'))]);
  asks('syncs of a wrong type', trigger({ ...ids, syncs: [1] }),
    [400, issues('invalid_body', {
      code: 'invalid_union',
      message: 'Each sync must be either a string or a { name: string, variant: string } object',
      path: ['syncs', '0'],
    })]);
  asks('new and old options together',
    trigger({ ...ids, syncs: ['items'], opts: {}, sync_mode: 'incremental' }),
    [400, plain('invalid_body',
      'Cannot use opts with deprecated sync_mode/full_resync parameters')]);
  asks('a key that a trigger does not have', trigger({ ...ids, syncs: ['items'], foo: 1 }),
    [400, issues('invalid_body', unknownKey('foo'))]);

  const status = (query) => ['GET', `/sync/status?${new URLSearchParams(query)}`];
  asks('the status of an unknown variant', status({ ...ids, syncs: 'items::nope' }),
    [200, { syncs: [] }]);
  asks('the status of no syncs', status({ ...ids, syncs: '' }), [200, { syncs: [] }]);
  asks('the status of an unknown connection',
    status({ ...ids, connection_id: 'nobody', syncs: 'items' }),
    [400, plain('invalid_body', 'Connection not found')]);
  asks('a status without syncs', status(ids),
    [400, issues('invalid_query_params', undefinedAt(['syncs']))]);
  asks('a status without an integration', status({ syncs: 'items', connection_id: connection }),
    [400, issues('invalid_query_params', undefinedAt(['provider_config_key']))]);
  asks('a key that a status does not have', status({ ...ids, syncs: 'items', foo: '1' }),
    [400, issues('invalid_query_params', unknownKey('foo'))]);
  asks('the frequency of an unknown variant',
    ['PUT', '/sync/update-connection-frequency',
      { body: { ...ids, sync_name: 'items', sync_variant: 'nope', frequency: 'every hour' } }],
    [400, plain('unknown_sync')]);
});

describe('records', () => {
  const records = (query, headers = idHeaders) => ['GET', `/records?${query}`, { headers }];
  const none = [200, { next_cursor: null, records: [] }];
  const unknown = plain('unknown_connection',
    'Provided ConnectionId and ProviderConfigKey does not match a valid connection');
  const modelPattern = '/^[A-Z][a-zA-Z0-9_-]+$/';

  asks('of an unknown variant', records('model=Item&variant=nope'), none);
  asks('of an unknown model', records('model=Nope'), none);
  asks('with a slash at the end', ['GET', '/records/?model=Nope', { headers: idHeaders }], none);
  asks('without headers', records('model=Item', {}),
    [400, issues('invalid_headers', undefinedAt(['connection-id']),
      undefinedAt(['provider-config-key']))]);
  asks('with one header', records('model=Item', { 'Connection-Id': connection }),
    [400, issues('invalid_headers', undefinedAt(['provider-config-key']))]);
  asks('of an unknown connection',
    records('model=Item', { ...idHeaders, 'Connection-Id': 'nobody' }), [400, unknown]);
  asks('of an unknown integration',
    records('model=Item', { ...idHeaders, 'Provider-Config-Key': 'nope' }), [400, unknown]);
  asks('without a model', records('variant=taken'),
    [400, issues('invalid_query_params', undefinedAt(['model']))]);
  asks('with a model in lower case', records('model=item'),
    [400, issues('invalid_query_params', patternAt(['model'], modelPattern))]);
  asks('with the variant in the model', records('model=Item::taken'),
    [400, issues('invalid_query_params', patternAt(['model'], modelPattern))]);
  asks('with a bad variant', records('model=Item&variant=a%20b'),
    [400, issues('invalid_query_params', patternAt(['variant']))]);
  asks('with a key that records do not have', records('model=Item&foo=1'),
    [400, issues('invalid_query_params', unknownKey('foo'))]);
  asks('with a limit of nothing', records('model=Item&limit=0'),
    [400, issues('invalid_query_params', {
      code: 'too_small', message: 'Too small: expected number to be >=1', path: ['limit'],
    })]);
  asks('with too large a limit', records('model=Item&limit=10001'),
    [400, issues('invalid_query_params', {
      code: 'too_big', message: 'Too big: expected number to be <=10000', path: ['limit'],
    })]);
  asks('with a limit that is no number', records('model=Item&limit=abc'),
    [400, issues('invalid_query_params', {
      code: 'invalid_type', message: 'Invalid input: expected number, received NaN',
      path: ['limit'],
    })]);
  asks('with a bad filter', records('model=Item&filter=foo'),
    [400, issues('invalid_query_params', {
      code: 'invalid_value',
      message: 'Invalid option: expected one of ' +
        '"added"|"updated"|"deleted"|"ADDED"|"UPDATED"|"DELETED"',
      path: ['filter', '0'],
    })]);
  asks('with a time that is none', records('model=Item&modified_after=x'),
    [400, issues('invalid_query_params',
      { code: 'invalid_format', message: 'Invalid ISO datetime', path: ['modified_after'] },
      { code: 'custom', message: 'must be within the last 12 months',
        path: ['modified_after'] })]);

  test('pages, ids and filters', async () => {
    await varia.run(connection, 'items', 'taken');
    const get = async (query) =>
      (await varia.call(...records(`model=Item&variant=taken&${query}`))).body;
    const all = await get('limit=10');
    assert.equal(all.next_cursor, null);
    assert.deepEqual(all.records.map(({ id }) => id).sort(), ['item-0', 'item-1', 'item-2']);

    const first = await get('limit=2');
    assert.deepEqual(first.records, all.records.slice(0, 2));
    const rest = await get(`limit=2&cursor=${encodeURIComponent(first.next_cursor)}`);
    assert.deepEqual(rest, { next_cursor: null, records: all.records.slice(2) });

    const two = await get('ids=item-0&ids=item-2');
    assert.deepEqual(two.records.map(({ id }) => id).sort(), ['item-0', 'item-2']);
    assert.equal((await get('filter=added')).records.length, 3);
    assert.equal((await get('filter=added,updated')).records.length, 3);
    assert.equal((await get('filter=deleted')).records.length, 0);
    assert.equal((await get('modified_after=2030-01-01T00:00:00.000Z')).records.length, 0);

    const [record] = all.records;
    const { _nango_metadata: about } = record;
    assert.deepEqual(about, {
      first_seen_at: about.first_seen_at,
      last_modified_at: about.first_seen_at,
      last_action: 'ADDED',
      deleted_at: null,
      pruned_at: null,
      cursor: about.cursor,
    });
    assert.match(about.first_seen_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?\+00:00$/);
  });
});

describe('connections, metadata and health', () => {
  const metadata = (body, method = 'POST') => [method, '/connections/metadata', { body }];
  const unknown = 'Connection with connection id nobody and provider config key e2e not found. ' +
    'Please make sure the connection exists in the Nango dashboard';

  asks('health', ['GET', '/health', { auth: null }], [200, { result: 'ok' }]);
  asks('metadata that replaces', metadata({ ...ids, metadata: { a: 1, b: { c: [1] } } }),
    [201, { ...ids, metadata: { a: 1, b: { c: [1] } } }]);
  asks('metadata that merges', metadata({ ...ids, metadata: { b: 2 } }, 'PATCH'),
    [200, { ...ids, metadata: { b: 2 } }]);

  test('what came of it', async () => {
    assert.deepEqual(await varia.nango.getMetadata(integration, connection), { a: 1, b: 2 });
  });

  asks('metadata of an unknown connection',
    metadata({ ...ids, connection_id: 'nobody', metadata: {} }),
    [404, plain('unknown_connection', unknown)]);
  asks('metadata of a known and an unknown connection',
    metadata({ ...ids, connection_id: [connection, 'nobody'], metadata: { z: 1 } }, 'PATCH'),
    [404, plain('unknown_connection',
      `${unknown}. No actions were taken on any of the connections as a result of this failure.`)]);
  asks('metadata that is a text', metadata({ ...ids, metadata: 'x' }),
    [400, issues('invalid_body', {
      code: 'invalid_type', message: 'Invalid input: expected record, received string',
      path: ['metadata'],
    })]);
  asks('a key that metadata does not have', metadata({ ...ids, metadata: {}, foo: 1 }),
    [400, issues('invalid_body', unknownKey('foo'))]);
  asks('an unknown connection', ['GET', `/connections/nobody?provider_config_key=${integration}`],
    [404, plain('not_found', 'Failed to find connection')]);
  asks('a connection to an unknown integration',
    ['POST', '/connections', {
      body: { provider_config_key: 'nope', connection_id: 'x', credentials: { type: 'NONE' } },
    }],
    [404, plain('not_found', 'Integration does not exist')]);
  asks('credentials that the provider does not take',
    ['POST', '/connections', {
      body: { ...ids, credentials: { type: 'API_KEY', apiKey: 'k' } },
    }],
    [400, plain('invalid_body', 'Provider NONE does not support API_KEY auth')]);
  asks('no credentials', ['POST', '/connections', { body: { provider_config_key: integration } }],
    [400, issues('invalid_body', undefinedAt(['credentials'], 'object'))]);

  test('a connection shows what it was made of', async () => {
    const { status, body } = await varia.call('POST', '/connections', {
      body: {
        provider_config_key: integration, connection_id: 'shown', credentials: { type: 'NONE' },
        metadata: { a: 1 },
      },
    });
    assert.equal(status, 201);
    assert.deepEqual(body, {
      id: body.id, connection_id: 'shown', provider_config_key: integration,
      provider: 'unauthenticated', errors: [], end_user: null, tags: {}, metadata: { a: 1 },
      connection_config: {}, webhook_url_override: null, created_at: body.created_at,
      updated_at: body.updated_at, last_fetched_at: null, credentials: {},
    });
    assert.equal(typeof body.id, 'number');
    assert.match(body.created_at, /Z$/);
    const { connections } = await varia.nango.listConnections();
    assert.ok(connections.some((one) => one.connection_id === 'shown'));
  });
});
