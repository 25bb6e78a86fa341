// Addresses of places, and what a key may do.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { covers, pathWith } from '../../../dashboard/api.mjs';
import { href, readPlace, syncHref, variantHref } from '../../../dashboard/router.mjs';

test('finds back whatever characters names have', () => {
  const words = ['variant', 'a/b', 'who?#1', 'sync & co', 'ä%2F'];
  assert.deepEqual(readPlace(href(...words)).parts, words);
});

test('reads choices behind a place', () => {
  assert.deepEqual(readPlace('#/sync/a/b/c?q=eu&state=failing'), {
    parts: ['sync', 'a', 'b', 'c'], query: { q: 'eu', state: 'failing' },
  });
  assert.deepEqual(readPlace(''), { parts: [], query: {} });
});

test('takes an address that cannot be decoded as it stands', () => {
  assert.deepEqual(readPlace('#/sync/%E0%A4%A').parts, ['sync', '%E0%A4%A']);
});

test('leads from a row to its variant and its sync', () => {
  const row = {
    provider_config_key: 'mail', connection_id: 'user-1', sync: 'messages', variant: 'inbox',
  };
  assert.equal(variantHref(row, 'log'), '#/variant/mail/user-1/messages/inbox/log');
  assert.equal(syncHref(row, 'map'), '#/sync/mail/user-1/messages/map');
});

test('leaves empty words out of a query', () => {
  assert.equal(pathWith('/x', { a: 1, b: '', c: null, d: undefined, e: 'ü &' }),
    '/x?a=1&e=%C3%BC+%26');
  assert.equal(pathWith('/x'), '/x');
});

test('knows which scopes a wildcard covers', () => {
  assert.ok(covers('*', 'account:cluster:write'));
  assert.ok(covers('environment:syncs:*', 'environment:syncs:read'));
  assert.ok(covers('environment:*', 'environment:logs:read'));
  assert.ok(!covers('environment:*', 'account:cluster:read'));
  assert.ok(!covers('environment:syncs:read', 'environment:syncs:execute'));
});
