// Records against the schemas of their models.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Host, recordsOf } from './host.mjs';

let host;
before(async () => {
  host = await Host.start();
});
after(async () => {
  assert.equal(await host.stop(), 0);
  assert.equal(host.stderr, '');
});

const SCHEMA = 'z.object({ id: z.string(), total: z.number(), at: z.date().optional() })';

/** Runs a body in a sync whose model is declared. */
function run(body, { policy: schemaPolicy, schema = SCHEMA, handlers = {} } = {}) {
  const code = `const z = require('zod');
    module.exports = { default: { type: 'sync', models: { Order: ${schema} },
      exec: async (nango) => {${body}} } };`;
  return host.run(code, { handlers, context: { schemaPolicy } });
}

const messages = ({ logs }) => logs.map(({ level, message }) => `${level}: ${message}`);
const MISMATCH = 'a record does not match the schema of Order: ';

for (const policy of [undefined, 'warn']) {
  test(`with the policy ${policy} a record that does not match is saved and told of`, async () => {
    const result = run(`await nango.batchSave([{ id: 'a', total: 'hidden' }], 'Order');`, {
      policy,
    });
    assert.equal((await result.done).ok, true);
    assert.deepEqual(recordsOf(result.calls[0]), [{ id: 'a', total: 'hidden' }]);
    const [warning, ...more] = messages(result);
    assert.ok(warning.startsWith(`warn: ${MISMATCH}total: `), warning);
    assert.ok(!warning.includes('hidden'));
    assert.deepEqual(more, []);
  });
}

test('with the policy reject nothing of the call is saved', async () => {
  const result = run(
    `
    const good = Array.from({ length: 1500 }, (_, n) => ({ id: 'n' + n, total: n }));
    await nango.batchSave([...good, { id: 'b', total: 'hidden' }], 'Order');
  `,
    { policy: 'reject' },
  );
  const { ok, error } = await result.done;
  assert.equal(ok, false);
  assert.match(error.message, /^record 1500 does not match the schema of Order: total: .*number/);
  assert.ok(!error.message.includes('hidden'));
  assert.deepEqual([result.calls, result.logs], [[], []]);
});

test('with the policy reject what matches is saved, as it was given', async () => {
  const result = run(`await nango.batchSave([{ id: 'a', total: 1, more: true }], 'Order');`, {
    policy: 'reject',
  });
  assert.equal((await result.done).ok, true);
  assert.deepEqual(recordsOf(result.calls[0]), [{ id: 'a', total: 1, more: true }]);
});

test('a checkpoint that goes with refused records is not saved', async () => {
  const result = run(
    `await nango.batchSave([{ id: 'a' }], 'Order', { checkpoint: { page: 1 } });`,
    {
      policy: 'reject',
    },
  );
  assert.equal((await result.done).ok, false);
  assert.deepEqual(result.calls, []);
});

test('with the policy off nobody looks', async () => {
  const result = run(`await nango.batchSave([{ id: 'a', total: 'x' }], 'Order');`, {
    policy: 'off',
  });
  assert.equal((await result.done).ok, true);
  assert.deepEqual(result.logs, []);
});

test('the same is said once, and at the end how often it was so', async () => {
  const result = run(`
    for (const size of [3, 4]) {
      const many = Array.from({ length: size }, (_, n) => ({ id: 'n' + n, total: 'x' + n }));
      await nango.batchSave(many, 'Order');
    }
  `);
  assert.equal((await result.done).ok, true);
  const [warning, sum, ...more] = messages(result);
  assert.ok(warning.startsWith(`warn: ${MISMATCH}total: `));
  assert.equal(sum, 'warn: 7 records did not match the schema of Order');
  assert.deepEqual(more, []);
});

test('places in a list are one place', async () => {
  const result = run(
    `await nango.batchSave([{ id: 'a', list: [1, 2, 3] }, { id: 'b', list: ['x', 4] }], 'Order');`,
    { schema: 'z.object({ id: z.string(), list: z.array(z.string()) })' },
  );
  assert.equal((await result.done).ok, true);
  assert.deepEqual(messages(result).length, 2);
  assert.match(result.logs[0].message, /list\.\*: [^;]*$/);
});

test('only a few kinds are told of a model', async () => {
  const fields = [...Array(8).keys()].map((n) => `f${n}: z.number()`);
  const result = run(
    `
    const good = Object.fromEntries([...Array(8).keys()].map((n) => ['f' + n, n]));
    const bad = [...Array(8).keys()].map((n) => ({ id: 'n' + n, ...good, ['f' + n]: 'x' }));
    await nango.batchSave(bad, 'Order');
  `,
    { schema: `z.object({ id: z.string(), ${fields} })` },
  );
  assert.equal((await result.done).ok, true);
  assert.equal(result.logs.length, 6);
  assert.equal(result.logs[5].message, '8 records did not match the schema of Order');
});

test('after a thousand nobody looks any more', async () => {
  const result = run(
    `
    let looked = 0;
    globalThis.look = () => { looked += 1; return false; };
    const many = Array.from({ length: 3000 }, (_, n) => ({ id: 'n' + n }));
    await nango.batchSave(many, 'Order');
    await nango.log('looked', { looked });
  `,
    { schema: 'z.object({ id: z.string() }).refine(() => globalThis.look())' },
  );
  assert.equal((await result.done).ok, true);
  // Each was looked at as it was given and as it is kept.
  assert.deepEqual(JSON.parse(result.logs[1].payload), { looked: 2000 });
  assert.equal(result.logs[2].message, '1000 records or more did not match the schema of Order');
});

test('the count is told of a run that fails, too', async () => {
  const result = run(`
    await nango.batchSave([{ id: 'a', total: 'x' }, { id: 'b', total: 'y' }], 'Order');
    throw new Error('later');
  `);
  assert.equal((await result.done).error.message, 'later');
  assert.equal(result.logs.at(-1).message, '2 records did not match the schema of Order');
});

test('a record is judged as it was given or as it is kept', async () => {
  for (const [schema, record] of [
    ['z.object({ id: z.string(), at: z.date() })', '{ id: "a", at: new Date(0) }'],
    ['z.object({ id: z.string(), at: z.string() })', '{ id: "a", at: new Date(0) }'],
    ['z.object({ id: z.string(), at: z.iso.datetime() })', '{ id: "a", at: new Date(0) }'],
    ['z.strictObject({ id: z.string() })', '{ id: "a", gone: undefined }'],
    ['z.strictObject({ id: z.string() })', '{ id: "a", _nango_metadata: {} }'],
    ['z.object({ id: z.string(), n: z.number() })', '{ id: "a", n: { toJSON: () => 1 } }'],
  ]) {
    const result = run(`await nango.batchSave([${record}], 'Order');`, {
      schema,
      policy: 'reject',
    });
    assert.equal((await result.done).error, undefined, schema);
  }
});

test('a schema that throws or waits counts as not matching', async () => {
  for (const [check, name] of [
    ['() => { throw new TypeError("secret"); }', 'TypeError'],
    ['async () => true', '.*'],
  ]) {
    const schema = `z.object({ id: z.string().refine(${check}) })`;
    const body = `await nango.batchSave([{ id: 'a' }], 'Order');`;
    const warned = run(body, { schema });
    assert.equal((await warned.done).ok, true);
    assert.match(warned.logs[0].message, new RegExp(`the schema threw ${name}$`));
    const refused = run(body, { schema, policy: 'reject' });
    assert.match((await refused.done).error.message, /record 0 .*the schema threw/);
    assert.deepEqual(refused.calls, []);
  }
});

test('only what is saved whole is looked at', async () => {
  const result = run(
    `
    await nango.batchUpdate([{ id: 'a', total: 'x' }], 'Order');
    await nango.batchDelete([{ id: 'a' }], 'Order');
  `,
    { policy: 'reject' },
  );
  assert.equal((await result.done).ok, true);
  assert.equal(result.calls.length, 2);
});

test('of duplicates only the one that is saved is looked at', async () => {
  const result = run(
    `await nango.batchSave([{ id: 'a', total: 1 }, { id: 'a', total: 'x' }], 'Order');`,
    { policy: 'reject' },
  );
  assert.equal((await result.done).ok, true);
});

test('a model that is no schema is passed over', async () => {
  const result = run(`await nango.batchSave([{ id: 'a' }], 'Order');`, {
    schema: '{ id: "string" }',
    policy: 'reject',
  });
  assert.equal((await result.done).ok, true);
  assert.deepEqual(result.logs, []);
});

test('records are sent before they are looked at', async () => {
  let sent;
  const first = new Promise((resolve) => (sent = resolve));
  const result = run(
    `
    globalThis.look = () => { nango.log('looked'); return true; };
    await nango.batchSave([{ id: 'a' }], 'Order');
  `,
    {
      schema: 'z.object({ id: z.string() }).refine(() => globalThis.look())',
      handlers: { batchSave: () => sent() },
    },
  );
  await first;
  assert.equal((await result.done).ok, true);
  const order = host.frames.filter(({ run: id }) => id === result.id).map(({ kind }) => kind);
  assert.deepEqual(order, [23, 17, 19, 18]);
});
