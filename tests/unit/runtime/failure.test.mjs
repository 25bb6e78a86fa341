import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { Host, jsonServer, runtimeDir, script, shaOf } from './host.mjs';

let host;
let bundles;
before(async () => {
  host = await Host.start();
  const program = join(await runtimeDir(), 'compile.cjs');
  const project = fileURLToPath(new URL('./projects/failing', import.meta.url));
  const output = execFileSync(process.execPath, [program, project], { encoding: 'utf8' });
  const { flowConfigs } = JSON.parse(output);
  bundles = new Map(flowConfigs.map(({ syncName, fileBody }) => [syncName, fileBody.js]));
});
after(async () => {
  assert.ok(host.alive);
  assert.equal(await host.stop(), 0);
});

const sleeping = script(
  `await nango.log('began'); await nango.getCheckpoint(); await nango.log('went on');`,
);
const forever = { getCheckpoint: () => new Promise(() => {}) };

test('an uncaught error is told with its place in the source', async () => {
  const { ok, error } = await host.run(bundles.get('throws')).done;
  assert.equal(ok, false);
  assert.deepEqual([error.name, error.type], ['TypeError', 'script_internal_error']);
  const [head, first, second, ...rest] = error.stack.split('\n');
  assert.equal(head, `TypeError: ${error.message}`);
  assert.match(first, /^ {4}at .*shop\/lib\/deep\.ts:5:/);
  assert.match(second, /^ {4}at .*shop\/syncs\/throws\.ts:11:/);
  assert.deepEqual(rest, []);
});

test('an error of a request leads to its line in the source', async () => {
  const http = jsonServer(() => ({ status: 500, body: {} }));
  const { error } = await host.run(bundles.get('requests'), { handlers: { http } }).done;
  assert.equal(error.type, 'script_http_error');
  assert.match(error.stack, /shop\/syncs\/requests\.ts:10:/);
});

test('an error in a callback leads to its line in the source', async () => {
  const handlers = { http: jsonServer(() => ({ body: [{ id: 'o1' }] })) };
  const { error } = await host.run(bundles.get('called'), { handlers }).done;
  assert.deepEqual([error.name, error.message], ['RangeError', 'turned too far']);
  assert.match(error.stack.split('\n')[1], /^ {4}at .*shop\/syncs\/called\.ts:15:15/);
});

test('an error in a webhook leads to its line in the source', async () => {
  const context = { kind: 'onWebhook', payload: '{"kind":"odd"}' };
  const { error } = await host.run(bundles.get('called'), { context }).done;
  assert.equal(error.message, 'not expected: odd');
  assert.match(error.stack.split('\n')[1], /^ {4}at .*shop\/syncs\/called\.ts:24:13/);
});

test('a rejection of nobody is blamed on no run that is there', async () => {
  const other = host.run(
    script(`
      for (let left = 200; left > 0; left -= 1) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        await nango.getCheckpoint();
      }
    `),
  );
  for (let left = 20; left > 0; left -= 1) {
    const run = host.run(
      script(`
        const { subtle } = require('crypto');
        const key = await subtle.importKey('raw', Buffer.alloc(32), 'AES-GCM', false, ['decrypt']);
        subtle.decrypt({ name: 'AES-GCM', iv: Buffer.alloc(12) }, key, Buffer.alloc(1 << 20));
      `),
    );
    await run.done;
  }
  assert.equal((await other.done).error, undefined);
});

test('a rejection after the end is ignored', async () => {
  const run = host.run(
    script(`
      let fail;
      const late = new Promise((resolve, reject) => { fail = reject; });
      nango.getCheckpoint().then(() => { throw new Error('late'); });
      late.then(() => {});
      setTimeout(() => fail(new Error('later')), 1);
      throw new Error('early');
    `),
    { handlers: { getCheckpoint: () => new Promise((resolve) => setTimeout(resolve, 5)) } },
  );
  assert.equal((await run.done).error.message, 'early');
  const other = host.run(script(`await new Promise((resolve) => setTimeout(resolve, 30));`));
  assert.equal((await other.done).ok, true);
});

test('an unhandled rejection fails its run and no other', async () => {
  const other = host.run(sleeping, { handlers: forever });
  for (const lost of [
    `Promise.reject(new Error('lost'));`,
    `(async () => { throw new Error('lost'); })();`,
    `nango.get({}).catch(() => { throw new Error('lost'); });`,
    `class Mine extends Promise {} Mine.reject(new Error('lost'));`,
  ]) {
    const { ok, error } = await host.run(
      script(`${lost} await new Promise((resolve) => setTimeout(resolve, 10_000));`),
    ).done;
    assert.deepEqual([ok, error.message], [false, 'lost'], lost);
  }
  host.send(other.id, 5, { reason: 'test' });
  assert.equal((await other.done).error.type, 'script_aborted');
});

test('an error in a timer fails its run', async () => {
  const { error } = await host.run(
    script(`await new Promise(() => setTimeout(() => { throw new Error('late'); }, 1));`),
  ).done;
  assert.equal(error.message, 'late');
});

test('whatever is thrown can be told', async () => {
  for (const [thrown, message] of [
    [`'text'`, 'text'],
    ['undefined', 'undefined'],
    ['null', 'null'],
    ['{ a: 1 }', '{"a":1}'],
    [`Object.defineProperty(new Error('x'), 'message', { get() { throw 1; } })`, '{}'],
    [
      `new Proxy({}, { get() { throw 1; }, getPrototypeOf() { throw 1; } })`,
      'a value that cannot be shown',
    ],
  ]) {
    const { ok, error } = await host.run(script(`throw ${thrown};`)).done;
    assert.deepEqual([ok, error.message], [false, message]);
  }
});

test('a script that cannot be compiled or loaded fails its run', async () => {
  for (const [code, message] of [
    ['const a = ;', /Unexpected token/],
    [`throw new Error('at the top');`, /at the top/],
    [`require('fs');`, /Cannot find module 'fs'/],
    ['module.exports = {};', /exports neither/],
  ]) {
    const { ok, error } = await host.run(code).done;
    assert.equal(ok, false);
    assert.match(error.message, message);
  }
});

test('an ActionError keeps its type', async () => {
  const { error } = await host.run(script(`throw new nango.ActionError({ message: 'not today' });`))
    .done;
  assert.deepEqual([error.type, error.name], ['action_script_runtime_error', 'ActionError']);
});

test('a cancelled run fails its open and its later calls', async () => {
  const code = script(`
    const errors = [];
    for (let left = 2; left > 0; left -= 1) {
      try { await nango.getCheckpoint(); } catch (error) { errors.push(error); }
    }
    await nango.log('seen', errors.map(({ name, type }) => ({ name, type })));
  `);
  const run = host.run(code, { handlers: forever });
  while (run.calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  host.send(run.id, 5, { reason: 'paused' });
  const { ok, error } = await run.done;
  assert.deepEqual([ok, error.type, error.name], [false, 'script_aborted', 'AbortError']);
  assert.match(error.message, /paused/);
  const aborted = { name: 'AbortError', type: 'script_aborted' };
  assert.deepEqual(JSON.parse(run.logs[0].payload), { 0: aborted, 1: aborted });
});

test('a cancelled script that never settles is given up', async () => {
  for (const body of [
    'await new Promise(() => {});',
    'for (;;) { try { await nango.getCheckpoint(); } catch {} }',
    'await new Promise((resolve) => setTimeout(resolve, 60_000));',
  ]) {
    const run = host.run(script(`await nango.log('began'); ${body}`), { handlers: forever });
    while (run.logs.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    host.send(run.id, 5, { reason: 'test' });
    assert.equal((await run.done).error.type, 'script_aborted');
  }
});

test('what a script does after its end is ignored', async () => {
  const run = host.run(
    script(`
      setTimeout(() => nango.log('late timer'), 1);
      (async () => { try { await nango.getCheckpoint(); } finally { await nango.log('late'); } })();
      throw new Error('early');
    `),
    { handlers: { getCheckpoint: () => new Promise((resolve) => setTimeout(resolve, 5)) } },
  );
  assert.equal((await run.done).error.message, 'early');
  await new Promise((resolve) => setTimeout(resolve, 30));
  host.send(0, 6, { n: 1 });
  assert.equal((await host.next(0, 20)).runs, 0);
  assert.deepEqual(run.logs, []);
});

test('a run that is cancelled before it has its code ends', async () => {
  const code = script(`await nango.log('ran');`, '// sent too late');
  const run = host.run(code, { known: true });
  await host.next(run.id, 22);
  host.send(run.id, 5, { reason: 'test' });
  assert.equal((await run.done).error.type, 'script_aborted');
  host.send(run.id, 1, { sha: shaOf(code), code, file: 'a/syncs/b.ts', context: {} });
  await host.run(script('')).done;
  host.send(0, 6, { n: 1 });
  assert.equal((await host.next(0, 20)).runs, 0);
  assert.deepEqual(run.logs, []);
});

test('a run that is cancelled at once ends without asking for its code', async () => {
  const run = host.together(() => {
    const started = host.run(script(`await nango.log('ran');`), { known: true });
    host.send(started.id, 5, { reason: 'test' });
    return started;
  });
  assert.equal((await run.done).error.type, 'script_aborted');
  await host.run(script('')).done;
  assert.ok(!host.frames.some(({ run: id, kind }) => id === run.id && kind === 22));
});

test('an answer that cannot be read fails its run only', async () => {
  const run = host.run(sleeping, { handlers: forever });
  while (run.calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  const header = Buffer.alloc(10);
  header.writeUInt32BE(6, 0);
  header.writeUInt32BE(run.id, 4);
  header.writeUInt8(2, 8);
  header.writeUInt8(0xc1, 9);
  host.sendBytes(header);
  assert.match((await run.done).error.message, /cannot be read/);
});

test('a frame that is too long ends the process', async () => {
  const other = await Host.start();
  other.sendBytes(Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 1]));
  assert.equal(await other.exited, 1);
  assert.match(other.stderr, /a frame of 4294967295 bytes/);
});

test('the process ends when its host is gone, whatever it runs', async () => {
  const other = await Host.start();
  const run = other.run(script('await new Promise((resolve) => setTimeout(resolve, 60_000));'));
  other.send(0, 6, { n: 1 });
  await other.next(0, 20);
  other.hangUp();
  assert.equal(await other.exited, 0);
  assert.equal(run.calls.length, 0);
});
