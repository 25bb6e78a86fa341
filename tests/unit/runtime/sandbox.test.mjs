import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Host, script } from './host.mjs';

let host;
before(async () => {
  host = await Host.start();
});
after(async () => {
  assert.equal(await host.stop(), 0);
});

async function seen(body, top) {
  const run = host.run(script(`await nango.log('seen', await (async () => {${body}})());`, top));
  const { error } = await run.done;
  assert.equal(error, undefined);
  return JSON.parse(run.logs.at(-1).payload);
}

test('two runs side by side share no globals', async () => {
  const code = script(`
    globalThis.count = (globalThis.count ?? 0) + 1;
    Array.prototype.mine = nango.variant;
    await new Promise((resolve) => setTimeout(resolve, 20));
    await nango.log('seen', { count, mine: [].mine });
  `);
  const runs = ['eu', 'us'].map((variant) => host.run(code, { context: { variant } }));
  await Promise.all(runs.map(({ done }) => done));
  assert.deepEqual(
    runs.map(({ logs }) => JSON.parse(logs[0].payload)),
    [
      { count: 1, mine: 'eu' },
      { count: 1, mine: 'us' },
    ],
  );
});

test('what runs share cannot be changed', async () => {
  const names = await seen(`
    'use strict';
    const z = require('zod');
    const attempts = {
      zod: () => { z.string = null; },
      nested: () => { z.core.added = 1; },
      config: () => { z.config({ customError: () => 'mine' }); },
      Buffer: () => { Buffer.from = null; },
      URL: () => { URL.prototype.toString = null; },
      crypto: () => { require('crypto').randomUUID = null; },
      nango: () => { nango.variant = 'other'; },
    };
    return Object.keys(attempts).filter((name) => {
      try { attempts[name](); return true; } catch { return false; }
    });
  `);
  assert.deepEqual(names, {});
});

test('the globals are those of the contract', async () => {
  const names = [
    'Buffer',
    'setTimeout',
    'URL',
    'URLSearchParams',
    'console',
    'Date',
    'process',
    'fetch',
    'setInterval',
    'queueMicrotask',
    'require',
    'global',
    'structuredClone',
  ];
  const types = await seen(`
    const types = {};
    for (const name of ${JSON.stringify(names)}) types[name] = typeof globalThis[name];
    return types;
  `);
  assert.deepEqual(
    names.filter((name) => types[name] !== 'undefined'),
    ['Buffer', 'setTimeout', 'URL', 'URLSearchParams', 'console', 'Date'],
  );
});

test('code cannot be made from text', async () => {
  const refused = await seen(`
    const tries = [() => eval('1'), () => new Function('return 1')(),
      () => (async () => {}).constructor('return 1')()];
    return { count: tries.filter((go) => { try { go(); } catch { return true; } }).length };
  `);
  assert.deepEqual(refused, { count: 3 });
});

test('the console writes at level debug, and asserts only what is not so', async () => {
  const run = host.run(
    script(`
      console.assert(true, 'not this');
      console.assert(false, 'but', 'this');
      for (const name of ['debug', 'info', 'warn', 'error', 'trace', 'table', 'dir', 'group',
        'time', 'count']) console[name](name);
    `),
  );
  assert.equal((await run.done).error, undefined);
  assert.equal(run.logs[0].message, 'assertion failed but this');
  assert.equal(run.logs.length, 11);
  assert.ok(run.logs.every(({ level }) => level === 'debug'));
});

test('only a few modules can be required', async () => {
  const found = await seen(`
    const all = ['zod', 'zod/v4', 'url', 'crypto', 'node:url', 'node:crypto', 'nango', 'fs',
      'node:fs', 'child_process', 'constructor', './x'];
    return all.filter((name) => { try { return require(name); } catch { return false; } });
  `);
  const names = ['zod', 'zod/v4', 'url', 'crypto', 'node:url', 'node:crypto', 'nango'];
  assert.deepEqual(Object.values(found).length, names.length);
});

test('zod works on values of a script', async () => {
  const result = await seen(
    `
    const model = z.object({
      id: z.string(), at: z.date(), tags: z.record(z.string(), z.unknown()).optional(),
      list: z.array(z.number().int()).default([1]), kind: z.enum(['a', 'b']).nullish(),
      map: z.map(z.string(), z.number()), set: z.set(z.string()),
    }).passthrough().describe('a model');
    const value = {
      id: 'x', at: new Date(0), tags: { a: 1 }, map: new Map([['a', 1]]), set: new Set(['a']),
    };
    const good = model.parse(value);
    const bad = model.safeParse({ ...value, id: 1 });
    return { list: good.list, bad: bad.error.issues[0].code, error: bad.error instanceof Error,
      coerced: z.coerce.date().parse('2020-01-01') instanceof Date,
      transformed: z.string().transform((text) => text.length).pipe(z.number()).parse('four'),
      union: z.discriminatedUnion('t', [z.object({ t: z.literal('a') })]).parse({ t: 'a' }).t };
  `,
    `const z = require('zod');`,
  );
  assert.deepEqual(result, {
    list: [1],
    bad: 'invalid_type',
    error: true,
    coerced: true,
    transformed: 4,
    union: 'a',
  });
});

test('the ways of importing zod all give the same', async () => {
  const result = await seen(`
    const zod = require('zod');
    const { z, default: whole, __esModule: es } = zod;
    return { z: z.string === zod.string, default: whole.string === zod.string, es };
  `);
  assert.deepEqual(result, { z: true, default: true, es: true });
});

test('blocked names cannot be read', async () => {
  for (const name of ['constructor', '__proto__', 'abortSignal', 'telemetryBag', 'nango']) {
    const run = host.run(script(`nango[${JSON.stringify(name)}];`));
    assert.equal((await run.done).error.message, `Access to "${name}" is not allowed.`);
  }
});

test('logs have levels and limits', async () => {
  const run = host.run(
    script(`
    await nango.log('plain');
    await nango.log('with payload', [1, 2]);
    await nango.log('loud', { level: 'error' });
    await nango.log('both', { a: 1n }, { level: 'verbose' });
    await nango.log('x'.repeat(20000), { text: 'y'.repeat(200000) });
    const loop = {}; loop.loop = loop;
    await nango.log('loop', loop);
    console.log('from %s', 'console', { deep: true });
    await nango.setLogger({ level: 'warn' });
    await nango.log('quiet');
    await nango.setLogger({ level: 'off' });
    await nango.setLogger({ level: 'debug' });
    await nango.log('loud', { level: 'error' });
  `),
  );
  assert.equal((await run.done).ok, true);
  const [plain, list, loud, both, long, loop, console, ...more] = run.logs;
  assert.deepEqual([plain.level, plain.message, plain.payload], ['info', 'plain', undefined]);
  assert.equal(list.payload, '{"0":1,"1":2}');
  assert.deepEqual([loud.level, loud.payload], ['error', undefined]);
  assert.deepEqual([both.level, both.payload], ['debug', '{"a":"1"}']);
  assert.equal(long.message.length, 10000);
  assert.equal(JSON.parse(long.payload).truncated, true);
  assert.equal(loop.payload, '{"loop":"[circular]"}');
  assert.deepEqual([console.level, console.message], ['debug', 'from console { deep: true }']);
  assert.deepEqual(more, []);
  assert.ok(Math.abs(plain.t - Date.now()) < 60_000);
});

test('an input is checked against a schema', async () => {
  const good = await seen(`
    const z = require('zod');
    const zodSchema = z.object({ n: z.number() });
    return await nango.zodValidateInput({ zodSchema, input: { n: 1 } });
  `);
  assert.deepEqual(good, { success: true, data: { n: 1 } });
  const run = host.run(
    script(`
    try {
      await nango.zodValidateInput({ zodSchema: require('zod').string(), input: 1 });
    } catch (error) {
      const { payload } = error;
      await nango.log('seen', { own: error instanceof nango.ActionError,
        codes: payload.validation.map(({ code }) => code), message: payload.message });
      throw error;
    }
  `),
  );
  const { error } = await run.done;
  assert.deepEqual([error.type, error.name], ['action_script_runtime_error', 'ActionError']);
  assert.equal(run.logs[0].level, 'error');
  assert.deepEqual(JSON.parse(run.logs[1].payload), {
    ...{ own: true, codes: ['invalid_type'], message: 'invalid input' },
  });
});

test('a bare function and exports.default are accepted', async () => {
  for (const code of [
    `exports.default = async (nango) => nango.log('ran');`,
    `module.exports = async (nango) => nango.log('ran');`,
    `Object.defineProperty(exports, '__esModule', { value: true });
     exports.default = {
       type: 'sync', text: 'ran', exec(nango) { return nango.log(this.text); } };`,
  ]) {
    const run = host.run(code);
    assert.equal((await run.done).ok, true);
    assert.equal(run.logs[0].message, 'ran');
  }
});
