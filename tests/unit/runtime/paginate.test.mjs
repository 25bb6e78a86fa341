import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Host, jsonServer, script } from './host.mjs';

let host;
before(async () => {
  host = await Host.start();
});
after(async () => {
  assert.equal(await host.stop(), 0);
});

// Runs a pagination to its end: the pages it gave, what on_page saw, and the calls it made.
async function pages(config, route, context) {
  const code = script(`
    const seen = [];
    const config = ${config};
    if (config.paginate) config.paginate.on_page = async ({ nextPageParam, response }) => {
      seen.push({ turned: nextPageParam ?? null, status: response.status });
    };
    for await (const page of nango.paginate(config)) seen.push({ page });
    await nango.log('seen', { seen });
  `);
  const run = host.run(code, { handlers: { http: jsonServer(route) }, context });
  const { error } = await run.done;
  const seen = error ? [] : JSON.parse(run.logs[0].payload).seen;
  return {
    error,
    calls: run.calls.map(({ args }) => args),
    urls: run.calls.map(({ args }) => args.url),
    pages: seen.filter(({ page }) => page).map(({ page }) => page),
    turned: seen.filter(({ page }) => !page).map(({ turned }) => turned),
    order: seen.map(({ page }) => (page ? 'page' : 'turned')),
  };
}

const query = (url) => new URL(url, 'http://x').searchParams;

test('a cursor is followed until there is none', async () => {
  const answers = { null: [[1, 2], ' b '], b: [[3], 7], 7: [[4], '  '] };
  const result = await pages(
    `{ endpoint: '/a', params: { q: 1 }, paginate: { type: 'cursor', response_path: 'data.rows',
       cursor_path_in_response: 'meta.next', cursor_name_in_request: 'after',
       limit: 2, limit_name_in_request: 'size' } }`,
    (url) => {
      const [rows, next] = answers[query(url).get('after')];
      return { body: { data: { rows }, meta: { next } } };
    },
  );
  assert.deepEqual(result.pages, [[1, 2], [3], [4]]);
  assert.deepEqual(result.turned, ['b', 7, null]);
  assert.deepEqual(result.order, ['page', 'turned', 'page', 'turned', 'page', 'turned']);
  assert.deepEqual(result.urls, [
    '/a?q=1&size=2',
    '/a?q=1&size=2&after=b',
    '/a?q=1&size=2&after=7',
  ]);
});

test('an empty page ends a cursor and is not given', async () => {
  const result = await pages(
    `{ endpoint: '/a', paginate: { type: 'cursor', response_path: 'rows',
       cursor_path_in_response: 'next', cursor_name_in_request: 'after' } }`,
    (url) => ({ body: { rows: query(url).has('after') ? [] : [1], next: 'more' } }),
  );
  assert.deepEqual(result.pages, [[1]]);
  assert.deepEqual(result.turned, ['more']);
});

test('a cursor goes into the body of a POST, nested by dots', async () => {
  const result = await pages(
    `{ endpoint: '/a', method: 'POST', data: { filter: 'x' }, paginate: { type: 'cursor',
       response_path: 'rows', cursor_path_in_response: 'next', cursor_name_in_request: 'page.after',
       limit: 1, limit_name_in_request: 'page.size' } }`,
    (_url, { body }) => {
      const { page } = JSON.parse(Buffer.from(body).toString());
      return { body: { rows: [1], next: page.after ? null : 'b' } };
    },
  );
  const bodies = result.calls.map(({ body }) => JSON.parse(Buffer.from(body).toString()));
  assert.deepEqual(bodies, [
    { filter: 'x', page: { size: 1 } },
    { filter: 'x', page: { size: 1, after: 'b' } },
  ]);
});

test('links in the header are followed, over those in the body', async () => {
  const result = await pages(
    `{ endpoint: '/a', params: { q: 1 }, paginate: { type: 'link', limit: 5,
       limit_name_in_request: 'n', link_rel_in_response_header: 'next',
       link_path_in_response_body: 'next', response_path: 'rows' } }`,
    (url) => {
      if (url.startsWith('/a')) {
        const link = '<https://o.test/z>; rel="prev", <https://o.test/b?p=2&q=1>; rel="next"';
        return { body: { rows: [1], next: '/wrong' }, headers: { link } };
      }
      return { body: { rows: [], next: url.startsWith('/b') ? '/c?p=3' : undefined } };
    },
  );
  assert.deepEqual(result.urls, ['/a?q=1&n=5', '/b?p=2&q=1', '/c?p=3']);
  assert.deepEqual(
    result.calls.map((call) => call.baseUrlOverride),
    [undefined, 'https://o.test', 'https://o.test'],
  );
  assert.deepEqual(result.pages, [[1], [], []]);
  assert.deepEqual(result.turned, ['https://o.test/b?p=2&q=1', '/c?p=3', null]);
});

test('a field whose name has a dot is found', async () => {
  const result = await pages(
    `{ endpoint: '/a', paginate: { type: 'link', link_path_in_response_body: '@odata.nextLink',
       response_path: 'value' } }`,
    (url) => ({
      body: { value: [url], ...(url === '/a' && { '@odata.nextLink': 'https://o.test/b' }) },
    }),
  );
  assert.deepEqual(result.pages, [['/a'], ['/b']]);
});

test('the same link twice ends the pages', async () => {
  const result = await pages(
    `{ endpoint: '/a', paginate: { type: 'link', link_path_in_response_body: 'next',
       response_path: 'rows' } }`,
    () => ({ body: { rows: [1], next: '/b' } }),
  );
  assert.deepEqual(result.urls, ['/a', '/b']);
});

test('links are followed with their whole path and query, from wherever they lead', async () => {
  const next = { '/v1/a': '?page=2&x=%2F', '/v1/a?page=2&x=%2F': 'http://o.test/other/b?c=d#e' };
  const result = await pages(
    `{ endpoint: '/v1/a', params: 'q=1', headers: { h: 'x' }, retries: 2,
       baseUrlOverride: 'https://i.test', paginate: { type: 'LINK',
       link_path_in_response_body: 'paging.next', response_path: 'rows' } }`,
    (url) => ({ body: { rows: [1], paging: { next: next[url.replace('?q=1', '')] ?? ' ' } } }),
  );
  assert.deepEqual(
    result.calls.map(({ url, baseUrlOverride, headers, retries }) => [
      ...[url, baseUrlOverride, headers.h, retries],
    ]),
    [
      ['/v1/a?q=1', 'https://i.test', 'x', 2],
      ['/v1/a?page=2&x=%2F', 'https://i.test', 'x', 2],
      ['/other/b?c=d', 'http://o.test', 'x', 2],
    ],
  );
});

test('links leave the body of a POST as it is', async () => {
  const result = await pages(
    `{ endpoint: '/a', method: 'post', data: { q: 1 }, paginate: { type: 'link', limit: 2,
       limit_name_in_request: 'page.size', link_path_in_response_body: 'next',
       response_path: 'rows' } }`,
    (url) => ({ body: { rows: [1], next: url === '/a' ? '/b' : null } }),
  );
  assert.deepEqual(
    result.calls.map(({ method, url, body }) => [method, url, Buffer.from(body).toString()]),
    [
      ['POST', '/a', '{"q":1,"page":{"size":2}}'],
      ['POST', '/b', '{"q":1,"page":{"size":2}}'],
    ],
  );
});

test('a page that is not there is an empty one', async () => {
  const link = await pages(
    `{ endpoint: '/a', paginate: { type: 'link', link_path_in_response_body: 'next',
       response_path: 'not.there' } }`,
    () => ({ body: { rows: [1] } }),
  );
  assert.deepEqual(link.pages, [[]]);
  const cursor = await pages(
    `{ endpoint: '/a', paginate: { type: 'cursor', response_path: 'not.there',
       cursor_path_in_response: 'next', cursor_name_in_request: 'after' } }`,
    () => ({ body: { next: 'x' } }),
  );
  assert.deepEqual([cursor.pages, cursor.turned, cursor.urls], [[], [], ['/a']]);
});

test('a cursor may be 0, and what is neither text nor number is none', async () => {
  const answers = { null: 0, 0: 'b', b: true };
  const result = await pages(
    `{ endpoint: '/a', paginate: { type: 'cursor', response_path: 'rows',
       cursor_path_in_response: 'next', cursor_name_in_request: 'after' } }`,
    (url) => ({ body: { rows: [1], next: answers[query(url).get('after')] } }),
  );
  assert.deepEqual(result.urls, ['/a', '/a?after=0', '/a?after=b']);
  assert.deepEqual(result.turned, [0, 'b', null]);
});

test('pages can be asked for in the body of a GET and in the query of a POST', async () => {
  const rules = `type: 'offset', offset_name_in_request: 'skip', limit: 2,
    limit_name_in_request: 'size', offset_start_value: 5`;
  const inBody = await pages(
    `{ endpoint: '/a', params: { q: 1 }, paginate: { ${rules}, in_body: true } }`,
    () => ({ body: [1] }),
  );
  assert.deepEqual(inBody.urls, ['/a?q=1']);
  assert.equal(Buffer.from(inBody.calls[0].body).toString(), '{"size":2,"skip":5}');
  const inQuery = await pages(
    `{ endpoint: '/a', method: 'POST', data: '{"q":1}', paginate: { ${rules}, in_body: false } }`,
    () => ({ body: [1] }),
  );
  assert.deepEqual(inQuery.urls, ['/a?size=2&skip=5']);
  assert.equal(Buffer.from(inQuery.calls[0].body).toString(), '{"q":1}');
});

test('a body given as JSON text is understood', async () => {
  const result = await pages(
    `{ endpoint: '/a', method: 'POST', data: '{"q":1}', paginate: { type: 'offset',
       offset_name_in_request: 'o' } }`,
    () => ({ body: [] }),
  );
  assert.equal(Buffer.from(result.calls[0].body).toString(), '{"q":1,"o":0}');
});

test('a loop that is left asks for no more', async () => {
  const run = host.run(
    script(`
      const turned = [];
      for await (const page of nango.paginate({ endpoint: '/a', paginate: { type: 'offset',
        offset_name_in_request: 'skip', on_page: async () => turned.push(1) } })) break;
      await nango.log('seen', { turned });
    `),
    { handlers: { http: jsonServer(() => ({ body: [1, 2] })) } },
  );
  assert.equal((await run.done).ok, true);
  assert.equal(run.calls.length, 1);
  assert.deepEqual(JSON.parse(run.logs[0].payload), { turned: [] });
});

test('what a page is changed to while it is looked at changes no request', async () => {
  const run = host.run(
    script(`
      const config = { endpoint: '/a', params: { q: 1 }, paginate: { type: 'offset',
        offset_name_in_request: 'skip', on_page: async ({ response }) => {
          response.config.params.q = 2; config.params.q = 3; config.endpoint = '/b';
        } } };
      for await (const page of nango.paginate(config)) page.length = 1;
    `),
    { handlers: { http: jsonServer((url) => ({ body: url.endsWith('=0') ? [1] : [] })) } },
  );
  assert.equal((await run.done).ok, true);
  assert.deepEqual(
    run.calls.map(({ args }) => args.url),
    ['/a?q=1&skip=0', '/a?q=1&skip=1'],
  );
});

test('the rules of the script go over those of the provider', async () => {
  const paginate = {
    ...{ type: 'cursor', cursor_path_in_response: 'next', cursor_name_in_request: 'after' },
    ...{ response_path: 'rows', limit: 10, limit_name_in_request: 'size' },
  };
  const result = await pages(
    `{ endpoint: '/a', paginate: { limit: 3, response_path: 'items' } }`,
    (url) => ({ body: { items: [1], next: query(url).has('after') ? null : 'b' } }),
    { paginate },
  );
  assert.deepEqual(result.pages, [[1], [1]]);
  assert.deepEqual(result.urls, ['/a?size=3', '/a?size=3&after=b']);
});

test('an offset grows by the size of each page until an empty one', async () => {
  const result = await pages(
    `{ endpoint: '/a', paginate: { type: 'offset', offset_name_in_request: 'skip' } }`,
    (url) => ({ body: { 0: [1, 2], 2: [3] }[query(url).get('skip')] ?? [] }),
  );
  assert.deepEqual(result.pages, [[1, 2], [3]]);
  assert.deepEqual(result.urls, ['/a?skip=0', '/a?skip=2', '/a?skip=3']);
  assert.deepEqual(result.turned, [2, 3]);
});

test('an offset per page stops after a short page without turning it', async () => {
  const result = await pages(
    `{ endpoint: '/a', paginate: { type: 'offset', offset_name_in_request: 'page',
       offset_start_value: 1, offset_calculation_method: 'per-page', limit: 2,
       limit_name_in_request: 'per_page' } }`,
    (url) => ({ body: query(url).get('page') === '1' ? [1, 2] : [3] }),
  );
  assert.deepEqual(result.pages, [[1, 2], [3]]);
  assert.deepEqual(result.urls, ['/a?per_page=2&page=1', '/a?per_page=2&page=2']);
  assert.deepEqual(result.turned, [2]);
});

test('an offset in a body is a number', async () => {
  const result = await pages(
    `{ endpoint: '/a', method: 'PUT', paginate: { type: 'offset', offset_name_in_request: 'o' } }`,
    () => ({ body: [] }),
  );
  assert.equal(Buffer.from(result.calls[0].body).toString(), '{"o":0}');
});

test('the rules of the provider serve where the script has none', async () => {
  const paginate = { type: 'offset', offset_name_in_request: 'skip', response_path: 'rows' };
  const result = await pages(`{ endpoint: '/a' }`, () => ({ body: { rows: [] } }), { paginate });
  assert.deepEqual(result.urls, ['/a?skip=0']);
});

for (const [what, config, message] of [
  ['no rules', '{}', /no pagination rules/],
  ['an unknown type', `{ paginate: { type: 'magic' } }`, /not a type of pagination/],
  ['a cursor without names', `{ paginate: { type: 'cursor' } }`, /cursor_path_in_response/],
  [
    'a limit without a name',
    `{ paginate: { type: 'cursor', cursor_path_in_response: 'a', cursor_name_in_request: 'b',
       limit: 1 } }`,
    /limit_name_in_request/,
  ],
  ['a link without a place', `{ paginate: { type: 'link' } }`, /link_rel_in_response_header/],
  ['an offset without a name', `{ paginate: { type: 'offset' } }`, /offset_name_in_request/],
]) {
  test(`pagination with ${what} throws`, async () => {
    const { error, calls } = await pages(`{ endpoint: '/a', ...${config} }`, () => ({ body: [] }));
    assert.match(error.message, message);
    assert.equal(calls.length, 0);
  });
}

test('an error of a page leads back to the script', async () => {
  const { error } = await pages(
    `{ endpoint: '/a', paginate: { type: 'offset', offset_name_in_request: 'skip' } }`,
    () => ({ status: 500, body: {} }),
  );
  assert.equal(error.type, 'script_http_error');
  assert.match(error.stack, /shop\/syncs\/orders\.cjs:\d+:\d+/);
});
