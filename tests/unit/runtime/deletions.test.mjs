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

const models = ['Order', 'Invoice'];

function run(body, handlers = {}) {
  return host.run(script(body), { handlers, context: { models } });
}

/** A host that deletes these keys of a model, and tells two of them at a time. */
function deleter(keysOf) {
  let kept = [];
  const end = ({ model }) => ({ count: (kept = keysOf[model] ?? []).length });
  return {
    trackDeletesEnd: end,
    deleteRecordsFromPreviousExecutions: end,
    deletedKeys: ({ from }) => ({ text: JSON.stringify(kept.slice(from, from + 2)) }),
  };
}

test('the tracking of deletions begins and ends by calls', async () => {
  const { done, calls, logs } = run(
    `
    const nothing = await nango.trackDeletesStart('Order');
    const { deletedKeys } = await nango.trackDeletesEnd('Order');
    await nango.log('seen', { nothing: nothing === undefined, deletedKeys,
      own: deletedKeys instanceof Array });
  `,
    deleter({ Order: ['a', 'b', 'c', 'd', 'e'] }),
  );
  assert.equal((await done).ok, true);
  const deletedKeys = ['a', 'b', 'c', 'd', 'e'];
  assert.deepEqual(JSON.parse(logs[0].payload), { nothing: true, deletedKeys, own: true });
  assert.deepEqual(calls, [
    { method: 'trackDeletesStart', args: { model: 'Order' } },
    { method: 'trackDeletesEnd', args: { model: 'Order' } },
    ...[0, 2, 4].map((from) => ({ method: 'deletedKeys', args: { from } })),
  ]);
});

test('the older way of deleting what was not seen has a call of its own', async () => {
  const { done, calls, logs } = run(
    `await nango.log('seen', await nango.deleteRecordsFromPreviousExecutions('Order'));`,
    deleter({}),
  );
  assert.equal((await done).ok, true);
  assert.deepEqual(JSON.parse(logs[0].payload), { deletedKeys: [] });
  assert.deepEqual(calls, [
    { method: 'deleteRecordsFromPreviousExecutions', args: { model: 'Order' } },
  ]);
});

test('deletions of two models side by side do not mix their keys', async () => {
  const { done, logs } = run(
    `
    const [orders, invoices] = await Promise.all([
      nango.trackDeletesEnd('Order'), nango.trackDeletesEnd('Invoice'),
    ]);
    await nango.log('seen', { orders: orders.deletedKeys, invoices: invoices.deletedKeys });
  `,
    deleter({ Order: ['a', 'b', 'c'], Invoice: ['x', 'y', 'z'] }),
  );
  assert.equal((await done).ok, true);
  const seen = { orders: ['a', 'b', 'c'], invoices: ['x', 'y', 'z'] };
  assert.deepEqual(JSON.parse(logs[0].payload), seen);
});

test('a deletion that is refused does not hold up the next', async () => {
  const handlers = deleter({ Invoice: ['x'] });
  const { trackDeletesEnd: end } = handlers;
  handlers.trackDeletesEnd = (args) => {
    if (args.model === 'Order') throw refusal('invalid', 'trackDeletesStart was not called');
    return end(args);
  };
  const { done, logs } = run(
    `
    const [refused, deleted] = await Promise.allSettled([
      nango.trackDeletesEnd('Order'), nango.trackDeletesEnd('Invoice'),
    ]);
    await nango.log(refused.reason.message, deleted.value);
  `,
    handlers,
  );
  assert.equal((await done).ok, true);
  assert.equal(logs[0].message, 'trackDeletesStart was not called');
  assert.deepEqual(JSON.parse(logs[0].payload), { deletedKeys: ['x'] });
});

test('a deletion that the guard refuses fails the run with its type', async () => {
  const message = 'this would delete 90 of 100 records of Order';
  const { done } = run(`\n\nawait nango.trackDeletesEnd('Order');`, {
    trackDeletesEnd: () => Promise.reject(refusal('deletion_guard', message)),
  });
  const { ok, error } = await done;
  assert.deepEqual([ok, error.type, error.message], [false, 'deletion_guard', message]);
  assert.match(error.stack, /shop\/syncs\/orders\.cjs:/);
});

test('a host that stops telling the deleted keys is not asked for ever', async () => {
  const { done } = run(`await nango.trackDeletesEnd('Order');`, {
    trackDeletesEnd: () => ({ count: 3 }),
    deletedKeys: ({ from }) => ({ text: from === 0 ? '["a"]' : '[]' }),
  });
  assert.equal((await done).error.message, 'only 1 of 3 deleted keys could be read');
});

test('a merging strategy is set once for a model', async () => {
  let wasSet = false;
  const { done, calls, logs } = run(
    `
    const strategy = 'ignore_if_modified_after';
    const first = await nango.setMergingStrategy({ strategy }, 'Order');
    await nango.setMergingStrategy({ strategy: 'override' }, 'Order');
    await nango.log('seen', { nothing: first === undefined });
  `,
    { setMergingStrategy: () => !wasSet && (wasSet = true) },
  );
  assert.equal((await done).ok, true);
  assert.deepEqual(calls[0], {
    method: 'setMergingStrategy',
    args: { model: 'Order', strategy: 'ignore_if_modified_after' },
  });
  assert.equal(calls.length, 2);
  assert.deepEqual(
    logs.map(({ level }) => level),
    ['warn', 'info'],
  );
  assert.match(logs[0].message, /strategy of Order .* "override" is ignored/);
  assert.equal(logs[1].payload, '{"nothing":true}');
});

test('only the two merging strategies are known', async () => {
  for (const options of [`{ strategy: 'newest' }`, '{}', 'undefined']) {
    const { done, calls } = run(`await nango.setMergingStrategy(${options}, 'Order');`);
    assert.match((await done).error.message, /^not a merging strategy: /);
    assert.deepEqual(calls, []);
  }
});
