// The provider of the Debian example, by itself: no Varia runs here.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { changedAt, parsePackages, parseStanza } from '../../examples/debian/packages.mjs';
import { createProvider, delayOf } from '../../examples/debian/provider.mjs';
import { TokenBucket } from '../../examples/debian/lib/token_bucket.mjs';
import { serve, wholeFile } from './support.mjs';

const index = `Package: zoo
Version: 1:2.0-3
Installed-Size: 120
Maintainer: A Person <person@example.org>
Architecture: amd64
Depends: libc6 (>= 2.34)
Description: keeps animals
 It keeps them well.
 .
 And feeds them.
Section: contrib/net
Size: 4567
SHA256: 00000010aa

Package: ant
Version: 1
Architecture: all
Tag: role::program,
 use::gameplaying
Section: games
SHA256: 00000020aa

Package: bee
Version: 2
Architecture: all


Version: 9
Section: nameless
`;

const file = wholeFile();

describe('the parser', () => {
  test('joins the lines of a folded field', () => {
    const fields = parseStanza('Tag: a,\n b,\n\tc\nSize: 1');
    assert.equal(fields.get('tag'), 'a,\nb,\nc');
    assert.equal(fields.get('size'), '1');
  });

  test('sorts by id and leaves out what is no package', () => {
    assert.deepEqual(parsePackages(index).map(({ id }) => id), ['ant:all', 'bee:all', 'zoo:amd64']);
  });

  test('takes what each field says', () => {
    const zoo = parsePackages(index)[2];
    assert.equal(zoo.version, '1:2.0-3');
    assert.equal(zoo.section, 'contrib/net');
    assert.equal(zoo.description, 'keeps animals');
    assert.equal(zoo.installed_size, 120);
    assert.equal(zoo.size, 4567);
    assert.equal(zoo.depends, 'libc6 (>= 2.34)');
    assert.ok(!('homepage' in zoo));
  });

  test('calls a missing section unknown and makes up a missing checksum', () => {
    const bee = parsePackages(index)[1];
    assert.equal(bee.section, 'unknown');
    assert.match(bee.sha256, /^[0-9a-f]{64}$/);
  });

  test('derives the time of change from the checksum alone', () => {
    assert.equal(changedAt('00000010aa'), '2025-12-31T23:59:44.000Z');
  });
});

describe('the provider', () => {
  const key = 'let-me-in';
  const packages = Array.from({ length: 25 }, (_, i) => {
    const sha256 = i.toString(16).padStart(8, '0');
    return {
      id: `p${String(i).padStart(2, '0')}:all`, section: i % 5 === 0 ? 'contrib/net' : 'libs',
      sha256, changed_at: changedAt(sha256),
    };
  });
  let url;
  const ask = async (path, headers = { 'X-Api-Key': key }) => {
    const answer = await fetch(`${url}${path}`, { headers });
    return { status: answer.status, headers: answer.headers, body: await answer.json() };
  };

  before(async () => {
    url = await serve(file, createProvider(packages, { key, rate: 1000, burst: 1000 }));
  });

  test('wants a key', async () => {
    assert.equal((await ask('/packages', {})).status, 401);
    assert.equal((await ask('/sections', { 'X-Api-Key': 'other' })).status, 401);
  });

  test('hands out every package once, page by page', async () => {
    const ids = [];
    let cursor = null;
    do {
      const { body } = await ask(`/packages?limit=10${cursor ? `&cursor=${cursor}` : ''}`);
      ids.push(...body.packages.map(({ id }) => id));
      cursor = body.next_cursor;
    } while (cursor);
    assert.deepEqual(ids, packages.map(({ id }) => id));
  });

  test('filters by section', async () => {
    const { body } = await ask(`/packages?section=${encodeURIComponent('contrib/net')}`);
    assert.deepEqual(body.packages.map(({ id }) => id),
      ['p00:all', 'p05:all', 'p10:all', 'p15:all', 'p20:all']);
    assert.equal(body.next_cursor, null);
    assert.deepEqual((await ask('/packages?section=none')).body,
      { packages: [], next_cursor: null });
  });

  test('filters by the time of change', async () => {
    const limit = packages[3].changed_at;
    const { body } = await ask(`/packages?changed_after=${limit}`);
    assert.deepEqual(body.packages.map(({ id }) => id), ['p00:all', 'p01:all', 'p02:all']);
  });

  test('counts the sections', async () => {
    assert.deepEqual((await ask('/sections')).body, {
      sections: [{ name: 'contrib/net', count: 5 }, { name: 'libs', count: 20 }],
    });
  });

  test('refuses what it does not understand', async () => {
    const bad = ['limit=0', 'limit=x', 'limit=1001', 'cursor=zzz', 'changed_after=soon'];
    for (const query of bad) {
      assert.equal((await ask(`/packages?${query}`)).status, 400, query);
    }
    assert.equal((await ask('/nothing')).status, 404);
  });

  test('sends callers away who ask too often', async (t) => {
    url = await serve(t, createProvider(packages, { key, rate: 1, burst: 2 }));
    const answers = await Promise.all(Array.from({ length: 5 }, () => ask('/sections')));
    const refused = answers.filter(({ status }) => status === 429);
    assert.equal(refused.length, 3);
    assert.equal(refused[0].headers.get('retry-after'), '1');
    const { body } = await ask('/stats', {});
    assert.equal(body.requests, 5);
    assert.equal(body.refused, 3);
  });

  test('takes the same time for the same request, within its bounds', () => {
    const delays = Array.from({ length: 200 }, (_, i) => delayOf(`/packages?limit=${i}`, 20, 60));
    assert.ok(Math.min(...delays) >= 20 && Math.max(...delays) <= 60);
    assert.ok(new Set(delays).size > 20);
    assert.equal(delayOf('/packages?limit=7', 20, 60), delays[7]);
  });
});

test('a token bucket gives back what time has brought, up to the burst', () => {
  const bucket = new TokenBucket(10, 3);
  assert.deepEqual([1, 2, 3, 4].map(() => bucket.take(0)), [true, true, true, false]);
  assert.equal(bucket.take(99), false);
  assert.equal(bucket.take(100), true);
  assert.deepEqual([1, 2, 3, 4].map(() => bucket.take(10_000)), [true, true, true, false]);
});
