// Scripts that try to get out of their context, or at each other. The operating system holds what
// really wants out; these are the doors that must not stand open.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Host, jsonServer, refusal, script } from './host.mjs';

let host;
before(async () => {
  host = await Host.start();
});
after(async () => {
  assert.equal(await host.stop(), 0);
});

const handlers = {
  http: jsonServer((url) => ({ status: url === '/bad' ? 404 : 200, body: { a: [{ b: 1 }] } })),
  getMetadata: () => '{"a":[1]}',
  getConnection: () => '{"credentials":{"type":"API_KEY","apiKey":"k"}}',
  saveCheckpoint: () => Promise.reject(refusal('invalid', 'no')),
  getRecords: () => ({ text: '[{"id":"1"}]', taken: 1 }),
  listRecords: () => ({ text: '[{"id":"1"}]', cursor: null, until: 'u' }),
  uncontrolledFetch: () => ({
    status: 200,
    headers: {},
    body: Buffer.from('{}'),
    url: 'http://x/',
  }),
};

async function seen(body, top) {
  const run = host.run(script(`await nango.log('seen', await (async () => {${body}})());`, top), {
    handlers,
  });
  const { error } = await run.done;
  assert.equal(error, undefined);
  return JSON.parse(run.logs.at(-1).payload);
}

// Each is an expression for some value; from it all ways to make code of text are tried.
const values = {
  'the Buffer class': 'Buffer',
  'a buffer': `Buffer.from('x')`,
  'memory of a buffer': `Buffer.from('x').buffer`,
  'the URL class': 'URL',
  'a URL': `new URL('http://x')`,
  'an iterator of parameters': `new URLSearchParams('a=b').entries()`,
  'a method of the console': 'console.log',
  setTimeout: 'setTimeout',
  'what setTimeout returns': 'setTimeout(() => {}, 1)',
  require: 'require',
  module: 'module',
  zod: `require('zod')`,
  'a schema': `require('zod').object({ a: require('zod').string() })`,
  'what a schema returns': `require('zod').array(require('zod').any()).parse([1])`,
  'what a schema complains of': `require('zod').string().safeParse(1).error`,
  'a promise of a schema': `require('zod').string().parseAsync('x')`,
  'the module url': `require('url').parse`,
  'the module crypto': `require('crypto')`,
  'a hash': `require('crypto').createHash('sha256')`,
  'the web crypto': `require('crypto').webcrypto`,
  'a promise of the web crypto': `require('crypto').subtle.digest('SHA-256', Buffer.from('x'))`,
  'nango.log': 'nango.log',
  'a promise of nango.log': `nango.log('x')`,
  'nango.paginate': 'nango.paginate',
  'a generator of pages': `nango.paginate({ endpoint: '/' })`,
  'the class ActionError': 'nango.ActionError',
  'a response': `await nango.get({ endpoint: '/' })`,
  'headers of a response': `(await nango.get({ endpoint: '/' })).headers`,
  'settings of a response': `(await nango.get({ endpoint: '/' })).config`,
  'bytes of a response': `(await nango.get({ endpoint: '/', responseType: 'arraybuffer' })).data`,
  'a stream': `(await nango.get({ endpoint: '/', responseType: 'stream' })).data`,
  'an error of a request': `await nango.get({ endpoint: '/bad' }).catch((error) => error)`,
  'an error of a call': 'await nango.saveCheckpoint({ a: 1 }).catch((error) => error)',
  'an error of an argument': 'await nango.get(1).catch((error) => error)',
  'an error of a module': `(() => { try { require('fs'); } catch (error) { return error; } })()`,
  'an error of a URL': `(() => { try { new URL('x'); } catch (error) { return error; } })()`,
  'an error of a buffer': `(() => { try { Buffer.alloc(-1); } catch (error) { return error; } })()`,
  'an error of a deep stack': `(() => {
    const deep = () => {
      try { Buffer.from('x'); return deep(); } catch (error) { return error; }
    };
    return deep();
  })()`,
  'an import': `await import('node:fs').catch((error) => error)`,
  'the answer of a fetch': `await nango.uncontrolledFetch({ url: 'http://x' })`,
  metadata: 'await nango.getMetadata()',
  'a token': 'await nango.getToken()',
  'a map of records': `await nango.getRecordsByIds(['1'], 'Order')`,
};

const HELPERS = `
  const isProcess = (value) => Boolean(value?.versions?.node || value?.process?.versions);
  function ways(start) {
    const found = [];
    const walk = (value, depth) => {
      if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return;
      for (const make of [
        () => value.constructor, () => value.constructor.constructor,
        () => Object.getPrototypeOf(value).constructor,
        () => Object.getOwnPropertyDescriptor(Object.getPrototypeOf(value), 'constructor').value,
        () => value.then.constructor, () => value.next.constructor, () => value.get.constructor,
      ]) {
        try { found.push(make()); } catch {}
      }
      if (depth === 0) return;
      for (const key of Reflect.ownKeys(value)) {
        try { walk(value[key], depth - 1); } catch {}
      }
      walk(Object.getPrototypeOf(value), depth - 1);
    };
    walk(start, 2);
    const isMaker = (made) => typeof made === 'function' && /Function$/.test(made.name);
    return [...new Set(found)].filter(isMaker);
  }
  function escapes(start) {
    return ways(start).some((make) => {
      for (const text of ['return process', 'return globalThis', 'yield process']) {
        try {
          let made = make(text)();
          if (typeof made?.next === 'function') made = made.next().value;
          if (isProcess(made)) return true;
        } catch {}
      }
      return false;
    });
  }
`;

for (const [what, value] of Object.entries(values)) {
  test(`${what} leads to no code made of text`, async () => {
    assert.deepEqual(await seen(`return { escaped: escapes(${value}) };`, HELPERS), {
      escaped: false,
    });
  });
}

test('the search for escapes finds one where there is one', async () => {
  const found = await seen(
    `function MyFunction() { return () => ({ versions: { node: '1' } }); }
     const open = { constructor: { constructor: MyFunction } };
     return { escaped: escapes(open) };`,
    HELPERS,
  );
  assert.deepEqual(found, { escaped: true });
});

test('who called a function cannot be found out', async () => {
  const found = await seen(`
    const callers = [];
    function spy() {
      let at = spy;
      for (let left = 10; left > 0 && at; left -= 1) {
        try { at = at.caller; } catch { at = null; }
        if (at) callers.push(at);
      }
      return 'x';
    }
    const trap = { get endpoint() { return spy(); } };
    await nango.get(trap).catch(() => {});
    JSON.stringify({ toJSON: spy });
    await nango.batchSave([{ id: 1, toJSON: spy }], 'Order').catch(() => {});
    require('zod').string().refine(spy).safeParse('x');
    return { outside: callers.filter((one) => !(one instanceof Function)).length };
  `);
  assert.deepEqual(found, { outside: 0 });
});

test('a stack shows no functions of the runtime', async () => {
  const found = await seen(`
    const shown = [];
    Error.prepareStackTrace = (error, sites) => {
      for (const site of sites) shown.push(site.getFunction(), site.getThis());
      return 'x';
    };
    const look = () => { void new Error('x').stack; return 'x'; };
    await nango.get({ get endpoint() { return look(); } }).catch(() => {});
    require('zod').string().refine(look).safeParse('x');
    await nango.get({ endpoint: 1 }).catch((error) => void error.stack);
    const outside = shown.filter((one) => typeof one === 'function' && !(one instanceof Function));
    return { outside: outside.length, isProcess: shown.some((one) => one?.process) };
  `);
  assert.deepEqual(found, { outside: 0, isProcess: false });
});

test('what the console writes runs nothing with tools of the runtime', async () => {
  const run = host.run(
    script(`
      const given = [];
      const custom = Symbol.for('nodejs.util.inspect.custom');
      const take = (...args) => { given.push(...args); return 'x'; };
      console.log({ [custom]: take }, { get a() { return take(1); } }, new Proxy({}, {
        get: (target, name, receiver) => take(2), ownKeys: () => take(3) }));
      console.log('%o %O %s', { [custom]: take }, { [custom]: take }, { [custom]: take });
      await nango.log('seen', { given: given.filter((one) => typeof one === 'function').length });
    `),
  );
  assert.equal((await run.done).error, undefined);
  assert.deepEqual(JSON.parse(run.logs.at(-1).payload), { given: 0 });
});

// Ways to reach something of the process's own, for all runs to see.
const SHARED = `
  const z = require('zod');
  const crypto = require('crypto');
  const up = Object.getPrototypeOf;
  const failed = await nango.get({ endpoint: '/bad' }).catch((error) => error);
  const { data: stream } = await nango.get({ endpoint: '/', responseType: 'stream' });
  const hash = crypto.createHash('sha256');
  const native = hash[Object.getOwnPropertySymbols(hash).find((symbol) =>
    symbol.description === 'kHandle')];
  const list = z.array(z.any()).parse([1]);
  const made = z.object({ a: z.object({ b: z.number() }) }).parse({ a: { b: 1 } });
  const caught = (make) => { try { make(); } catch (error) { return error; } };
  const shared = {
    buffer: Buffer, buffers: Buffer.prototype, bytes: up(Buffer.prototype),
    typed: up(up(Buffer.prototype)), memory: up(Buffer.from('x').buffer),
    functions: up(Buffer), objects: up(up(Buffer)), url: URL.prototype, search: URLSearchParams,
    iterator: up(new URLSearchParams().entries()), lists: up(list), eachOf: up(list.values()),
    array: list.constructor, object: up(up(list)).constructor, axios: up(failed),
    errors: up(up(failed)), error: up(failed.constructor), stream: up(stream),
    readable: up(up(stream)), emitter: up(up(up(up(stream)))), hash: up(hash), native: up(native),
    urlError: up(caught(() => new URL('x'))), range: up(caught(() => Buffer.alloc(-1))),
    zod: z, core: z.core, iso: z.iso, schema: up(z.string()), object2: z.ZodObject.prototype,
    inside: up(z.string()._zod), rare: z.ZodTemplateLiteral.prototype,
    check: up(z.string().min(1)._zod.def.checks[0]), zodError: up(z.string().safeParse(1).error),
    registry: z.globalRegistry, crypto, url2: require('url'), webcrypto: crypto.webcrypto,
    subtle: up(crypto.subtle), nango: require('nango'), promise: up(z.any().parseAsync(1)),
    regex: z.regexes.guid, register: z.core.$ZodRegistry.prototype, kept: z.globalRegistry._map,
    generator: z.core.JSONSchemaGenerator.prototype, made: up(made.a),
    makes: up(made.a).constructor,
  };
  const missing = Object.keys(shared).filter((name) => !shared[name]);
`;

test('what one run does to shared objects no other run sees', async () => {
  const first = await seen(`${SHARED}
    const changed = [];
    // What Node and zod set themselves: no run sees it of another, or is any the worse.
    const left = ['error.stackTraceLimit', 'regex.lastIndex', 'emitter.kCapture'];
    for (const [name, object] of Object.entries(shared)) {
      try { object.smuggled = name; } catch {}
      try { Object.defineProperty(object, 'smuggled', { value: name }); } catch {}
      for (const key of Reflect.ownKeys(object)) {
        if (left.includes(name + '.' + (key.description ?? key))) continue;
        const before = Object.getOwnPropertyDescriptor(object, key);
        try { object[key] = 'smuggled'; } catch {}
        try { delete object[key]; } catch {}
        try { Object.defineProperty(object, key, { value: 'smuggled' }); } catch {}
        const after = Object.getOwnPropertyDescriptor(object, key);
        if (after?.value !== before.value || after?.get !== before.get) changed.push([name, key]);
      }
      try { Object.setPrototypeOf(object, { smuggled: name }); } catch {}
    }
    return { missing, changed: changed.map(([name, key]) => name + '.' + String(key)) };
  `);
  assert.deepEqual(first, { missing: [], changed: [] });
  const second = await seen(`${SHARED}
    return { smuggled: Object.keys(shared).filter((name) => shared[name].smuggled),
      hash: crypto.createHash('sha256').update('x').digest('hex').length,
      parsed: z.object({ id: z.string().min(1) }).parse({ id: 'a' }).id };
  `);
  assert.deepEqual(second, { smuggled: [], hash: 64, parsed: 'a' });
});

test('a shared pattern cannot be recompiled', async () => {
  const result = await seen(`
    const z = require('zod');
    const ways = [
      () => RegExp.prototype.compile.call(z.regexes.guid, 'evil'),
      () => Object.getPrototypeOf(z.regexes.guid).compile.call(z.regexes.guid, 'evil'),
    ];
    for (const go of ways) { try { go(); } catch {} }
    return { source: z.regexes.guid.source };
  `);
  assert.match(result.source, /0-9a-fA-F/);
});

test('how deep stacks go is for each turn of a run to say', async () => {
  const limited = await seen(`
    const failed = await nango.get({ endpoint: '/bad' }).catch((error) => error);
    Object.getPrototypeOf(failed.constructor).stackTraceLimit = 0;
    return { limit: Object.getPrototypeOf(failed.constructor).stackTraceLimit };
  `);
  assert.deepEqual(limited, { limit: 0 });
  const later = await seen(`
    const failed = await nango.get({ endpoint: '/bad' }).catch((error) => error);
    return { limit: Object.getPrototypeOf(failed.constructor).stackTraceLimit };
  `);
  assert.deepEqual(later, { limit: 30 });
});

test('objects that inherit from frozen ones can be assigned to', async () => {
  const result = await seen(`
    'use strict';
    const failed = await nango.get({ endpoint: '/bad' }).catch((error) => error);
    failed.message = 'mine';
    failed.name = 'Mine';
    failed.toString = () => 'shown';
    const { data } = await nango.get({ endpoint: '/' });
    data.toString = () => 'text';
    const parsed = require('zod').object({ a: require('zod').array(require('zod').any()) })
      .parse({ a: [1] });
    parsed.constructor = 'own';
    parsed.a.push(2);
    parsed.a.name = 'list';
    class Odd extends URL { get href() { return 'odd'; } }
    return { error: String(failed), data: String(data), own: parsed.constructor,
      list: parsed.a.length, odd: new Odd('http://x').href };
  `);
  assert.deepEqual(result, { error: 'shown', data: 'text', own: 'own', list: 2, odd: 'odd' });
});

test('a buffer shows no memory of others', async () => {
  const result = await seen(`
    const sizes = [Buffer.from('secret'), Buffer.from([1, 2]), Buffer.concat([Buffer.from('a')]),
      Buffer.allocUnsafe(3), (await nango.get({ endpoint: '/', responseType: 'arraybuffer' })).data,
      Buffer.from(await (await nango.uncontrolledFetch({ url: 'http://x' })).arrayBuffer())];
    const roomy = sizes.filter((one) => one.buffer.byteLength !== one.length).length;
    let dirty = 0;
    for (let left = 200; left > 0; left -= 1) {
      Buffer.from('x'.repeat(5000));
      for (const name of ['allocUnsafe', 'allocUnsafeSlow']) {
        if (Buffer[name](5000).some((byte) => byte !== 0)) dirty += 1;
      }
    }
    return { roomy, dirty };
  `);
  assert.deepEqual(result, { roomy: 0, dirty: 0 });
});

test('crypto loads no code and changes no settings', async () => {
  const names = ['setEngine', 'setFips', 'fips', 'secureHeapUsed'];
  const types = await seen(`
    const crypto = require('crypto');
    return Object.fromEntries(${JSON.stringify(names)}.map((name) => [name, typeof crypto[name]]));
  `);
  assert.deepEqual(types, Object.fromEntries(names.map((name) => [name, 'undefined'])));
});
