import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Host, refusal } from './host.mjs';

let host;
before(async () => {
  host = await Host.start();
});
after(async () => {
  assert.equal(await host.stop(), 0);
  assert.equal(host.stderr, '');
});

const definition = (fields) =>
  `exports.default = { type: 'sync', drive: 'd1',
     exec: async (nango) => nango.log('exec'), ${fields} };`;
const context = { kind: 'partitions' };

test('the hook tells which partitions there are', async () => {
  const code = definition(`async partitions(nango) {
    const { shared } = await nango.getMetadata();
    return [{ name: this.drive, settings: { shared } }, { name: 'd2', frequency: undefined }];
  }`);
  const handlers = { getMetadata: () => '{"shared":true}' };
  const run = host.run(code, { context, handlers });
  assert.equal((await run.done).ok, true);
  const { method, args } = run.calls.at(-1);
  assert.equal(method, 'tellPartitions');
  assert.equal(args.hook, true);
  assert.deepEqual(JSON.parse(args.json), [
    { name: 'd1', settings: { shared: true } },
    { name: 'd2' },
  ]);
  assert.equal(run.logs.length, 0);
});

test('a script without a hook says so', async () => {
  for (const code of [definition(''), 'exports.default = async () => {};']) {
    const run = host.run(code, { context });
    assert.equal((await run.done).ok, true);
    assert.deepEqual(run.calls[0].args, { hook: false, json: 'null' });
  }
});

test('a hook that returns nothing tells null', async () => {
  const run = host.run(definition('partitions: async () => {}'), { context });
  assert.equal((await run.done).ok, true);
  assert.deepEqual(run.calls[0].args, { hook: true, json: 'null' });
});

test('a hook that throws fails the run and tells nothing', async () => {
  const code = definition(`partitions: async () => { throw new Error('no drives today'); }`);
  const run = host.run(code, { context });
  const { ok, error } = await run.done;
  assert.deepEqual([ok, error.message, run.calls.length], [false, 'no drives today', 0]);
});

test('what the worker refuses fails the run', async () => {
  const handlers = {
    tellPartitions: () => {
      throw refusal('invalid', 'partition 0 has no name');
    },
  };
  const run = host.run(definition('partitions: async () => [{}]'), { context, handlers });
  const { ok, error } = await run.done;
  assert.deepEqual([ok, error.message], [false, 'partition 0 has no name']);
});

test('settings are asked for once and are an own copy each time', async () => {
  const code = definition(`exec: async (nango) => {
    const first = await nango.getVariantSettings();
    first.folder = 'spoilt';
    await nango.log('seen', await nango.getVariantSettings());
  }`);
  const handlers = { getVariantSettings: () => '{"folder":"inbox"}' };
  const run = host.run(code, { handlers });
  assert.equal((await run.done).ok, true);
  assert.equal(run.logs[0].payload, '{"folder":"inbox"}');
  assert.equal(run.calls.length, 1);
});

test('without settings there is an empty object', async () => {
  const code = definition(`exec: async (nango) => {
    await nango.log('seen', await nango.getVariantSettings());
  }`);
  const run = host.run(code, { handlers: { getVariantSettings: () => null } });
  assert.equal((await run.done).ok, true);
  assert.equal(run.logs[0].payload, '{}');
});
