import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Host, recordsOf, refusal, script, shaOf } from './host.mjs';

let host;
before(async () => {
  host = await Host.start();
});
after(async () => {
  assert.equal(await host.stop(), 0);
  assert.equal(host.stderr, '');
});

test('the child says hello with its versions', () => {
  assert.equal(host.hello.proto, 1);
  assert.equal(host.hello.node, process.version);
  assert.match(host.hello.zod, /^4\.\d+\.\d+$/);
  assert.ok(host.hello.pid > 0);
});

test('a ping is answered with the state of the process', async () => {
  host.send(0, 6, { n: 7 });
  const pong = await host.next(0, 20);
  assert.equal(pong.n, 7);
  assert.equal(pong.runs, 0);
  assert.ok(pong.rss > pong.heap && pong.heap > 0);
  assert.ok(pong.lag_ms >= 0);
});

test('a script sees its context', async () => {
  const code = script(`
    await nango.log('seen', { ...nango, lastSyncDate: nango.lastSyncDate.toISOString(),
      own: nango.lastSyncDate instanceof Date && nango.log() instanceof Promise });
  `);
  const run = host.run(code, { context: { variant: 'eu', lastSyncDate: 1000 } });
  assert.equal((await run.done).ok, true);
  const seen = JSON.parse(run.logs[0].payload);
  assert.equal(seen.variant, 'eu');
  assert.equal(seen.connectionId, 'c1');
  assert.equal(seen.lastSyncDate, '1970-01-01T00:00:01.000Z');
  assert.equal(seen.own, true);
});

test('records are saved as their own text, with ids as text', async () => {
  const code = script(`
    const saved = await nango.batchSave([
      { id: 1, at: new Date(0), gone: undefined, name: 'zwölf' },
      { id: 'b\\0c', _nango_metadata: { cursor: 'x' } },
    ], 'Order');
    if (saved !== true) throw new Error('not true');
  `);
  const run = host.run(code, { handlers: { batchSave: () => ({ added: 2 }) } });
  const done = await run.done;
  assert.deepEqual([done.ok, done.stats.calls], [true, 1]);
  assert.deepEqual(run.calls[0].args.ids, ['1', 'bc']);
  assert.equal(run.calls[0].args.model, 'Order');
  assert.deepEqual(recordsOf(run.calls[0]), [
    { id: 1, at: '1970-01-01T00:00:00.000Z', name: 'zwölf' },
    { id: 'b\0c' },
  ]);
});

test('large batches are split by count and by size', async () => {
  const code = script(`
    const many = Array.from({ length: 2500 }, (_, id) => ({ id: 'n' + id }));
    await nango.batchSave(many, 'Order');
    const fat = Array.from({ length: 3 }, (_, id) => ({ id: 'f' + id, text: 'x'.repeat(500000) }));
    await nango.batchSave(fat, 'Order');
  `);
  const run = host.run(code);
  assert.equal((await run.done).ok, true);
  assert.deepEqual(
    run.calls.map(({ args }) => args.ids.length),
    [1000, 1000, 500, 1, 1, 1],
  );
  assert.equal(run.calls.flatMap(recordsOf).length, 2503);
});

test('of duplicates the first is saved and each other one is logged', async () => {
  const code = script(`await nango.batchSave([{ id: 1, n: 1 }, { id: '1', n: 2 }], 'Order');`);
  const run = host.run(code);
  assert.equal((await run.done).ok, true);
  assert.deepEqual(recordsOf(run.calls[0]), [{ id: 1, n: 1 }]);
  assert.deepEqual(
    run.logs.map(({ level }) => level),
    ['error'],
  );
});

test('nothing is called for no records', async () => {
  const code = script(`
    if (await nango.batchSave([], 'Order') !== true) throw new Error();
    if (await nango.batchDelete(null, 'Order') !== true) throw new Error();
  `);
  const run = host.run(code);
  assert.equal((await run.done).ok, true);
  assert.equal(run.calls.length, 0);
});

for (const [what, records, model, message] of [
  ['an id of 0', '[{ id: 1 }, { id: 0 }]', 'Order', /Missing id field/],
  ['no id', '[{}]', 'Order', /Missing id field/],
  ['an object as id', '[{ id: {} }]', 'Order', /Invalid id field/],
  ['a long id', `[{ id: 'x'.repeat(256) }]`, 'Order', /longer than 255/],
  ['an undeclared model', '[{ id: 1 }]', 'Invoice', /not a model of this sync/],
]) {
  test(`a batch with ${what} fails as a whole`, async () => {
    const run = host.run(script(`await nango.batchSave(${records}, '${model}');`));
    const done = await run.done;
    assert.equal(done.ok, false);
    assert.match(done.error.message, message);
    assert.equal(done.error.type, 'script_internal_error');
    assert.equal(run.calls.length, 0);
  });
}

test('deletions carry the records too', async () => {
  const run = host.run(script(`await nango.batchDelete([{ id: 'a', deletedAt: 1 }], 'Order');`));
  assert.equal((await run.done).ok, true);
  assert.equal(run.calls[0].method, 'batchDelete');
  assert.deepEqual(recordsOf(run.calls[0]), [{ id: 'a', deletedAt: 1 }]);
});

test('checkpoints go through the host', async () => {
  const code = script(`
    const first = await nango.getCheckpoint();
    await nango.saveCheckpoint({ page: 2, at: new Date(0), done: false, skipped: undefined });
    const second = await nango.getCheckpoint();
    await nango.clearCheckpoint();
    await nango.log('seen', { first, page: second.page });
  `);
  let kept = null;
  const handlers = {
    getCheckpoint: () => kept,
    saveCheckpoint: ({ json }) => void (kept = json),
    clearCheckpoint: () => void (kept = null),
  };
  const run = host.run(code, { handlers });
  assert.equal((await run.done).ok, true);
  assert.equal(run.calls[1].args.json, '{"page":2,"at":"1970-01-01T00:00:00.000Z","done":false}');
  assert.deepEqual(JSON.parse(run.logs[0].payload), { first: null, page: 2 });
  assert.equal(kept, null);
});

test('a checkpoint that may not be one is refused', async () => {
  for (const value of [
    '{ a: null }',
    '{ a: { b: 1 } }',
    '{ a: NaN }',
    '[1]',
    'null',
    `{ a: 'x'.repeat(4001) }`,
    'Object.fromEntries([...Array(17).keys()].map((k) => [k, k]))',
  ]) {
    const run = host.run(script(`await nango.saveCheckpoint(${value});`));
    assert.match((await run.done).error.message, /^Error saving checkpoint: /, value);
    assert.equal(run.calls.length, 0);
  }
});

test('a refused call throws its error into the script', async () => {
  const code = script(`
    try { await nango.batchSave([{ id: 1 }], 'Order'); }
    catch (error) {
      await nango.log(error.message, { own: error instanceof Error, type: error.type });
    }
    await nango.saveCheckpoint({ page: 1 });
  `);
  const run = host.run(code, {
    handlers: {
      batchSave: () => Promise.reject(refusal('fenced', 'another owner was named')),
      saveCheckpoint: () => Promise.reject(refusal('invalid', 'too late', 'checkpoint_conflict')),
    },
  });
  const { error } = await run.done;
  assert.equal(error.message, 'Error saving checkpoint: too late');
  assert.equal(run.logs[0].message, 'another owner was named');
  assert.deepEqual(JSON.parse(run.logs[0].payload), { own: true, type: 'fenced' });
});

test('metadata and connection are asked once a minute', async () => {
  const code = script(`
    const first = await nango.getMetadata();
    first.threshold = 0;
    const { threshold } = await nango.getMetadata();
    const { id } = await nango.getConnection();
    await nango.getConnection();
    await nango.getConnection('other', 'c2');
    await nango.getConnection('other', 'c2', { forceRefresh: true });
    await nango.log('seen', { threshold, id });
  `);
  const run = host.run(code, {
    handlers: { getMetadata: () => '{"threshold":5}', getConnection: () => '{"id":3}' },
  });
  assert.equal((await run.done).ok, true);
  assert.deepEqual(JSON.parse(run.logs[0].payload), { threshold: 5, id: 3 });
  assert.deepEqual(
    run.calls.map(({ method, args }) => [method, args.connectionId]),
    [
      ['getMetadata', undefined],
      ['getConnection', undefined],
      ['getConnection', 'c2'],
      ['getConnection', 'c2'],
    ],
  );
});

test('code that the child knows need not be sent again', async () => {
  const code = script(`await nango.log('ran');`, '// cached');
  assert.equal((await host.run(code).done).ok, true);
  const again = host.run(code, { known: true });
  assert.equal((await again.done).ok, true);
  assert.equal(again.logs.length, 1);
});

test('code that the child does not know is asked for', async () => {
  const code = script(`await nango.log('ran');`, '// unknown');
  const run = host.run(code, { known: true });
  assert.deepEqual(await host.next(run.id, 22), { sha: shaOf(code) });
  host.send(run.id, 1, { sha: shaOf(code), code, file: 'a/syncs/b.ts', context: {} });
  assert.equal((await run.done).ok, true);
});

test('at most 32 calls of a run are open at a time', async () => {
  let open = 0;
  let most = 0;
  const handlers = {
    batchSave: async () => {
      most = Math.max(most, (open += 1));
      await new Promise((resolve) => setTimeout(resolve, 5));
      open -= 1;
    },
  };
  const code = script(`
    const ids = Array.from({ length: 100 }, (_, index) => index + 1);
    await Promise.all(ids.map((id) => nango.batchSave([{ id }], 'Order')));
  `);
  const run = host.run(code, { handlers });
  assert.equal((await run.done).stats.calls, 100);
  assert.equal(most, 32);
});

test('calls that nobody waits for are made before the run ends', async () => {
  const slow = { batchSave: () => new Promise((resolve) => setTimeout(resolve, 20)) };
  const code = script(`nango.batchSave([{ id: 1 }], 'Order').then(() => nango.log('saved'));`);
  const run = host.run(code, { handlers: slow });
  assert.equal((await run.done).ok, true);
  assert.equal(run.logs[0].message, 'saved');
});

test('the processor time of a run counts its own work only', async () => {
  const busy = host.run(script(`const t = Date.now(); while (Date.now() - t < 80);`));
  const idle = host.run(script(`await new Promise((resolve) => setTimeout(resolve, 100));`));
  const [worked, slept] = await Promise.all([busy.done, idle.done]);
  assert.ok(worked.stats.cpu_ms > slept.stats.cpu_ms + 10);
});
