import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Host, recordsOf, refusal, script } from './host.mjs';

let host;
before(async () => {
  host = await Host.start();
});
after(async () => {
  assert.equal(await host.stop(), 0);
  assert.equal(host.stderr, '');
});

/** Runs a body whose value is logged; the run with its error, and what was logged last. */
async function outcome(body, handlers = {}) {
  const run = host.run(script(`await nango.log('seen', await (async () => {${body}})());`), {
    handlers,
  });
  const { error } = await run.done;
  const payload = run.logs.at(-1)?.payload;
  return { ...run, error, seen: payload === undefined ? undefined : JSON.parse(payload) };
}

const methodsOf = ({ calls }) => calls.map(({ method }) => method);

/** A host that has these records, and looks at no more than `most` ids in a call. */
function shelf(records, most = 100) {
  return ({ ids }) => {
    const looked = ids.slice(0, most);
    const found = records.filter(({ id }) => looked.includes(id));
    return { text: JSON.stringify(found), taken: looked.length };
  };
}

for (const [method, args] of [
  ['batchSave', `[{ id: 1 }], 'Invoice'`],
  ['batchUpdate', `[{ id: 1 }], 'Invoice'`],
  ['batchDelete', `[{ id: 1 }], 'Invoice'`],
  ['getRecordsByIds', `['1'], 'Invoice'`],
  ['trackDeletesStart', `'Invoice'`],
  ['trackDeletesEnd', `'Invoice'`],
  ['deleteRecordsFromPreviousExecutions', `'Invoice'`],
  ['setMergingStrategy', `{ strategy: 'override' }, 'Invoice'`],
]) {
  test(`${method} refuses a model that is not declared`, async () => {
    const { error, calls } = await outcome(`await nango.${method}(${args});`);
    assert.equal(error.message, '"Invoice" is not a model of this sync: it has Order');
    assert.deepEqual(calls, []);
  });
}

test('partial records are sent as they are and cut like others', async () => {
  const run = await outcome(`
    const many = Array.from({ length: 1001 }, (_, id) => ({ id: 'n' + id, deep: { a: 1 } }));
    return { done: await nango.batchUpdate(many, 'Order') };
  `);
  assert.deepEqual(run.seen, { done: true });
  assert.deepEqual(
    run.calls.map(({ method, args }) => [method, args.model, args.ids.length]),
    [
      ['batchUpdate', 'Order', 1000],
      ['batchUpdate', 'Order', 1],
    ],
  );
  assert.deepEqual(recordsOf(run.calls[1]), [{ id: 'n1000', deep: { a: 1 } }]);
});

test('of duplicate partial records the first counts', async () => {
  const run = await outcome(
    `await nango.batchUpdate([{ id: 1, n: 1 }, { id: '1', n: 2 }], 'Order');`,
  );
  assert.deepEqual(recordsOf(run.calls[0]), [{ id: 1, n: 1 }]);
  assert.equal(run.logs[0].level, 'error');
  assert.match(run.logs[0].message, /^duplicate id "1" in an update of Order/);
});

test('deletions say when they happened', async () => {
  const run = await outcome(`
    await nango.batchDelete([
      { id: 'date', deletedAt: new Date(1000) },
      { id: 'zulu', deletedAt: '2026-08-21T10:11:12.123456Z' },
      { id: 'offset', deletedAt: '2026-08-21T12:11:12+02:00' },
      { id: 'local', deletedAt: '2026-08-21T10:11:12' },
      { id: 'day', deletedAt: '2026-08-21' },
      { id: 'number', deletedAt: 1500.7, _nango_metadata: {} },
      { id: 'unset', deletedAt: null },
      { id: 'none' },
    ], 'Order');
  `);
  const second = Date.UTC(2026, 7, 21, 10, 11, 12);
  const day = Date.UTC(2026, 7, 21);
  const { deletedAt } = run.calls[0].args;
  assert.deepEqual(deletedAt, [1000, second + 123, second, second, day, 1500, null, null]);
  assert.deepEqual(recordsOf(run.calls[0])[5], { id: 'number', deletedAt: 1500.7 });
});

test('only a part in which a record has a time of deletion has a list of them', async () => {
  const run = await outcome(`
    const many = Array.from({ length: 2001 }, (_, id) => ({ id: 'n' + id }));
    many[1500].deletedAt = 0;
    await nango.batchDelete(many, 'Order');
    await nango.batchSave([{ id: 'a', deletedAt: 'never' }], 'Order');
  `);
  const lists = run.calls.map(({ args }) => args.deletedAt);
  assert.deepEqual([lists[0], lists[2], lists[3]], [undefined, undefined, undefined]);
  assert.deepEqual([lists[1].length, lists[1][500], lists[1][499]], [1000, 0, null]);
});

test('a time of deletion that is none stops the whole call', async () => {
  for (const time of [
    `'yesterday'`,
    `'2026-02-30'`,
    `''`,
    'NaN',
    '1e17',
    'new Date(NaN)',
    'true',
    '{}',
    '[1]',
  ]) {
    const { error, calls } = await outcome(`
      await nango.batchDelete([{ id: 1 }, { id: 2, deletedAt: ${time} }], 'Order');
    `);
    assert.match(error?.message ?? '', /^Invalid deletedAt field in record 1: /, time);
    assert.deepEqual(calls, []);
  }
});

test('a checkpoint goes with the last part of its batch', async () => {
  const run = await outcome(`
    const many = Array.from({ length: 1001 }, (_, id) => ({ id: 'n' + id }));
    const checkpoint = { page: 2, at: new Date(0) };
    return { done: await nango.batchSave(many, 'Order', { checkpoint }) };
  `);
  assert.deepEqual(run.seen, { done: true });
  assert.deepEqual(
    run.calls.map(({ method, args }) => [method, args.ids.length, args.checkpoint]),
    [
      ['batchSave', 1000, undefined],
      ['batchSave', 1, '{"page":2,"at":"1970-01-01T00:00:00.000Z"}'],
    ],
  );
});

test('a checkpoint without records is saved by itself', async () => {
  const run = await outcome(`
    await nango.batchSave([], 'Order', { checkpoint: { page: 3 } });
    await nango.batchSave([], 'Order', { checkpoint: undefined });
    await nango.batchSave([{ id: 1 }], 'Order', {});
  `);
  assert.deepEqual(methodsOf(run), ['saveCheckpoint', 'batchSave']);
  assert.equal(run.calls[0].args.json, '{"page":3}');
  assert.equal('checkpoint' in run.calls[1].args, false);
});

test('a batch with an unfit checkpoint is not sent', async () => {
  for (const checkpoint of ['null', '[]', '{ a: { b: 1 } }']) {
    const { error, calls } = await outcome(
      `await nango.batchSave([{ id: 1 }], 'Order', { checkpoint: ${checkpoint} });`,
    );
    assert.match(error.message, /^Error saving checkpoint: /);
    assert.deepEqual(calls, []);
  }
});

test('records are found by ids of either type', async () => {
  const records = ['1', 'b', 'c'].map((id) => ({ id, _nango_metadata: { cursor: id } }));
  const run = await outcome(
    `
    const found = await nango.getRecordsByIds([1, '1', 'c\\0', 'x', '', 'y'.repeat(256)], 'Order');
    return { isMap: found instanceof Map, keys: [...found.keys()],
      cursor: found.get('c\\0')._nango_metadata.cursor, same: found.get(1) === found.get('1'),
      own: found.get(1) instanceof Object };
  `,
    { getRecords: shelf(records) },
  );
  const keys = [1, '1', 'c\0'];
  assert.deepEqual(run.seen, { isMap: true, keys, cursor: 'c', same: true, own: true });
  assert.deepEqual(run.calls[0], {
    method: 'getRecords',
    args: { model: 'Order', ids: ['1', 'c', 'x'] },
  });
});

test('many records are asked for in groups, those that were not looked at again', async () => {
  const records = Array.from({ length: 250 }, (_, index) => ({ id: `n${index}` }));
  const run = await outcome(
    `
    const ids = Array.from({ length: 250 }, (_, index) => 'n' + index);
    return { keys: [...(await nango.getRecordsByIds(ids, 'Order')).keys()] };
  `,
    { getRecords: shelf(records, 80) },
  );
  assert.deepEqual(
    run.seen.keys,
    records.map(({ id }) => id),
  );
  assert.deepEqual(
    run.calls.map(({ args }) => args.ids.length),
    [100, 100, 90, 10],
  );
});

test('no ids are no call, and what is no id is refused', async () => {
  const none = await outcome(`return { size: (await nango.getRecordsByIds([], 'Order')).size };`);
  assert.deepEqual([none.seen, none.calls], [{ size: 0 }, []]);
  for (const ids of ['[{}]', '[undefined]', '[NaN]', 'null', `'abc'`]) {
    const { error, calls } = await outcome(`await nango.getRecordsByIds(${ids}, 'Order');`);
    assert.equal(error.name, 'TypeError', ids);
    assert.deepEqual(calls, []);
  }
});

const pages = {
  undefined: { text: '[{"id":"1"},{"id":"2","_nango_metadata":{"deleted_at":"x"}}]', cursor: 'a' },
  a: { text: '[]', cursor: 'b' },
  b: { text: '[{"id":"3"}]' },
};

test('listing gives every record up to the place where it began', async () => {
  const run = await outcome(
    `
    const ids = [];
    for await (const { id } of nango.listRecords('Order')) ids.push(id);
    return { ids };
  `,
    { listRecords: ({ cursor }) => ({ ...pages[cursor], until: `u${cursor ?? ''}` }) },
  );
  assert.deepEqual(run.seen, { ids: ['1', '2', '3'] });
  assert.deepEqual(
    run.calls.map(({ args }) => args),
    [
      { model: 'Order' },
      { model: 'Order', cursor: 'a', until: 'u' },
      { model: 'Order', cursor: 'b', until: 'u' },
    ],
  );
});

test('listing starts after a cursor, and asks for no page that is not wanted', async () => {
  const run = await outcome(
    `
    for await (const { id } of nango.listRecords('Order', { cursor: 'a' })) return { id };
  `,
    { listRecords: () => ({ text: '[{"id":"3"},{"id":"4"}]', cursor: 'z', until: 'u' }) },
  );
  assert.deepEqual(run.seen, { id: '3' });
  assert.deepEqual(run.calls[0].args, { model: 'Order', cursor: 'a' });
  assert.equal(run.calls.length, 1);
});

test('listing fails instead of going round', async () => {
  const list = `for await (const record of nango.listRecords('Order')) void record;`;
  const stuck = await outcome(list, { listRecords: () => ({ text: '[]', cursor: 'a' }) });
  assert.match(stuck.error.message, /stands still/);
  const refused = { listRecords: () => Promise.reject(refusal('invalid', 'no such cursor')) };
  assert.equal((await outcome(list, refused)).error.message, 'no such cursor');
  const undeclared = await outcome(list.replace('Order', 'Invoice'));
  assert.match(undeclared.error.message, /not a model of this sync/);
});
