// zod is shared and frozen, and works all the same.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Host, script } from './host.mjs';

let host;
before(async () => {
  host = await Host.start();
});
after(async () => {
  assert.equal(await host.stop(), 0);
  assert.equal(host.stderr, '');
});

async function seen(body) {
  const run = host.run(script(`await nango.log('seen', await (async () => {${body}})());`));
  const { error } = await run.done;
  assert.equal(error, undefined);
  return JSON.parse(run.logs.at(-1).payload);
}

test('nothing in zod wants to change what is frozen', async () => {
  const result = await seen(`
    const z = require('zod');
    const text = z.string();
    const given = [
      [], [text], ['a'], [/a/], [1], [['a', 'b']], [{ a: 'a' }], [{ a: text }], [text, text],
      [[text, z.number()]], [() => text], [(value) => value],
      [text, { encode: String, decode: String }], ['t', [z.object({ t: z.literal('a') })]],
      [z.object({ a: text }), { a: true }], [{ input: [text] }],
    ];
    const refused = new Set();
    let made = 0;
    const attempt = (name, go) => {
      try { return go(); }
      catch (error) {
        if (/read.only|extensible|redefine|shared by all/.test(error.message)) {
          refused.add(name + ': ' + error.message);
        }
      }
    };
    // The others settle later, change settings, or are no makers of schemas.
    const isMaker = (name) => typeof z[name] === 'function' && /^[a-z]/.test(name) &&
      !/Async$|^lazy$|^promise$|^config$|^setErrorMap$|^clone$/.test(name);
    const names = Object.keys(z).filter(isMaker);
    for (const name of names) {
      for (const args of given) {
        const schema = attempt(name, () => z[name](...args));
        if (typeof schema?.safeParse !== 'function') continue;
        made += 1;
        for (const value of ['a', 1, {}, { a: 'a' }, ['a'], new Map([['a', 'b']])]) {
          attempt(name, () => schema.safeParse(value).error?.message);
        }
        attempt(name, () => schema.optional().describe('x').meta());
        attempt(name, () => z.object({ a: schema }).extend({ b: text }).partial().parse({ a: 1 }));
        attempt(name, () => z.toJSONSchema(schema));
      }
    }
    return { refused: [...refused].join(), many: made > 300 };
  `);
  assert.deepEqual(result, { refused: '', many: true });
});

test('code that zod is made to make finds nothing', async () => {
  const result = await seen(`
    const z = require('zod');
    const steal = 'return typeof process + typeof globalThis.process + typeof require';
    const found = [];
    const tries = [
      () => new z.core.Doc([steal + '}, function ('], {}).compile(),
      () => z.core.compileFn(z.string()),
      () => { const doc = new z.core.Doc([]); doc.write(steal); return doc.compile(); },
    ];
    for (const go of tries) { try { found.push(go()?.()); } catch {} }
    const evil = '0) {}; const seen = typeof process; throw new Error(seen); if (1 <';
    const schemas = [
      z.number().min(evil), z.string().min(evil), z.string().length(evil), z.literal(evil),
      z.object({ ["a'];" + evil]: z.number().min(evil) }), z.number().multipleOf(evil),
      z.array(z.any()).max(evil),
    ];
    for (const schema of schemas) {
      try { found.push(z.compile(schema).safeParse('aaaa')?.error?.message); }
      catch (error) { found.push(error.message); }
    }
    return { found: found.filter((one) => /^(object|function)/.test(String(one))).length };
  `);
  assert.deepEqual(result, { found: 0 });
});

test('zod still makes fast code of schemas', async () => {
  const result = await seen(`
    const z = require('zod');
    const fields = Object.fromEntries([...Array(20).keys()].map((n) => ['f' + n, z.number()]));
    const model = z.object(fields);
    const value = Object.fromEntries([...Array(20).keys()].map((n) => ['f' + n, n]));
    return { ok: model.safeParse(value).success, not: model.safeParse({}).error.issues.length,
      jit: z.core.util.allowsEval.value,
      compiled: z.compile(model).safeParse(value).success,
      again: z.record(z.string(), z.number()).parse(model.parse(value)).f19 };
  `);
  assert.deepEqual(result, { ok: true, not: 20, jit: true, compiled: true, again: 19 });
});
