import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Host } from './host.mjs';

let host;
before(async () => {
  host = await Host.start();
});
after(async () => {
  assert.equal(await host.stop(), 0);
  assert.equal(host.stderr, '');
});

const SCHEMA = 'z.object({ page: z.number(), mark: z.string().optional() })';

/** Runs a body in a sync that declares a checkpoint. */
function run(body, { policy: schemaPolicy, schema = SCHEMA, handlers = {} } = {}) {
  const code = `const z = require('zod');
    module.exports = { default: { type: 'sync', checkpoint: ${schema},
      exec: async (nango) => {${body}} } };`;
  return host.run(code, { handlers, context: { schemaPolicy } });
}

const MISMATCH = /^the checkpoint does not match its schema: page: .*expected number/;

for (const policy of [undefined, 'warn', 'something else']) {
  test(`with the policy ${policy} a mismatch is a warning and is saved`, async () => {
    const { done, calls, logs } = run(`await nango.saveCheckpoint({ page: 'hidden' });`, {
      policy,
    });
    assert.equal((await done).ok, true);
    assert.deepEqual(calls, [{ method: 'saveCheckpoint', args: { json: '{"page":"hidden"}' } }]);
    assert.deepEqual([logs.length, logs[0].level], [1, 'warn']);
    assert.match(logs[0].message, MISMATCH);
    assert.ok(!logs[0].message.includes('hidden'));
  });
}

test('a warning that says the same as the one before is left out', async () => {
  const { done, calls, logs } = run(`
    for (const page of ['a', 'b', true, false]) await nango.saveCheckpoint({ page });
  `);
  assert.equal((await done).ok, true);
  assert.equal(calls.length, 4);
  const [text, truth, ...more] = logs;
  assert.match(text.message, /received string$/);
  assert.match(truth.message, /received boolean$/);
  assert.deepEqual(more, []);
});

test('with the policy reject a mismatch throws and nothing is sent', async () => {
  for (const body of [
    `await nango.saveCheckpoint({ page: 'x' });`,
    `await nango.batchSave([{ id: 1 }], 'Order', { checkpoint: { page: 'x' } });`,
    `await nango.batchSave([], 'Order', { checkpoint: { page: 'x' } });`,
  ]) {
    const { done, calls, logs } = run(body, { policy: 'reject' });
    const start = 'Error saving checkpoint: the checkpoint does not match its schema: page';
    assert.equal((await done).error.message.slice(0, start.length), start);
    assert.deepEqual([calls, logs], [[], []]);
  }
});

test('with the policy off nothing is checked but the rules of every checkpoint', async () => {
  const off = { policy: 'off' };
  const loose = run(`await nango.saveCheckpoint({ page: 'x' });`, off);
  assert.equal((await loose.done).ok, true);
  assert.deepEqual(loose.logs, []);
  const nested = run(`await nango.saveCheckpoint({ page: {} });`, off);
  assert.match((await nested.done).error.message, /^Error saving checkpoint: "page" must be/);
});

test('what matches is saved as it was given and not as the schema makes it', async () => {
  const { done, calls, logs } = run(
    `await nango.saveCheckpoint({ page: ' 7 ', other: 1, at: new Date(0) });`,
    {
      policy: 'reject',
      schema: 'z.object({ page: z.string().trim(), at: z.date(), kind: z.string().default("k") })',
    },
  );
  assert.equal((await done).ok, true);
  assert.equal(calls[0].args.json, '{"page":" 7 ","other":1,"at":"1970-01-01T00:00:00.000Z"}');
  assert.deepEqual(logs, []);
});

test('a warning names at most five issues', async () => {
  const fields = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => `${name}: z.number()`);
  const { done, logs } = run(`await nango.saveCheckpoint({});`, {
    schema: `z.object({ ${fields} })`,
  });
  assert.equal((await done).ok, true);
  assert.match(logs[0].message, /a: .*; e: [^;]*; and 2 more$/);
});

test('a schema that throws counts as not matching', async () => {
  const body = `await nango.saveCheckpoint({ page: 1 });`;
  const schema = 'z.object({ page: z.number().refine(() => { throw new TypeError("1"); }) })';
  const warned = run(body, { schema });
  assert.equal((await warned.done).ok, true);
  assert.match(warned.logs[0].message, /its schema: the schema threw TypeError$/);
  const waiting = 'z.object({ page: z.number().refine(async () => true) })';
  const refused = run(body, { schema: waiting, policy: 'reject' });
  assert.match((await refused.done).error.message, /the schema threw/);
});

test('what is no schema is passed over', async () => {
  const { done, logs } = run(`await nango.saveCheckpoint({ page: 1 });`, {
    schema: '{ page: "number" }',
    policy: 'reject',
  });
  assert.equal((await done).ok, true);
  assert.deepEqual(logs, []);
});

test('a checkpoint that is read is not checked', async () => {
  const { done, logs } = run(`await nango.log('seen', await nango.getCheckpoint());`, {
    policy: 'reject',
    handlers: { getCheckpoint: () => '{"page":"old"}' },
  });
  assert.equal((await done).ok, true);
  assert.deepEqual(
    logs.map(({ payload }) => payload),
    ['{"page":"old"}'],
  );
});
