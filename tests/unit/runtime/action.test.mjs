import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Host, jsonServer } from './host.mjs';

let host;
before(async () => {
  host = await Host.start();
});
after(async () => {
  assert.equal(await host.stop(), 0);
  assert.equal(host.stderr, '');
});

function action(body, fields = '') {
  return `const { z } = require('zod');
    exports.default = { type: 'action', ${fields} exec: async (nango, input) => {${body}} };`;
}

function run(code, { input, handlers, ...context } = {}) {
  const json = input === undefined ? undefined : JSON.stringify(input);
  return host.run(code, { handlers, context: { kind: 'action', input: json, ...context } });
}

test('an action gets its input and gives its output', async () => {
  const { done } = run(action('return { twice: input.n * 2, own: input instanceof Object };'), {
    input: { n: 21 },
  });
  const { ok, output } = await done;
  assert.deepEqual([ok, JSON.parse(output)], [true, { twice: 42, own: true }]);
});

test('input and output may be missing', async () => {
  const { output } = await run(action('return typeof input;')).done;
  assert.equal(output, '"undefined"');
  assert.equal((await run(action('')).done).output, 'null');
});

test('an action has no records and no variant', async () => {
  const { output } = await run(
    action(`return [nango.batchSave, nango.trackDeletesStart, nango.listRecords, nango.variant]
      .map((x) => typeof x).concat(nango.scriptType, typeof nango.paginate, nango.connectionId);`),
  ).done;
  const none = 'undefined';
  assert.deepEqual(JSON.parse(output), [none, none, none, none, 'action', 'function', 'c1']);
});

test('an action has checkpoints and metadata', async () => {
  const { done } = run(
    action(`await nango.saveCheckpoint({ at: 1 });
      return [await nango.getCheckpoint(), await nango.getMetadata()];`),
    { handlers: { getCheckpoint: () => '{"at":1}', getMetadata: () => '{"a":2}' } },
  );
  assert.equal((await done).output, '[{"at":1},{"a":2}]');
});

test('an on-event function runs, and its value means nothing', async () => {
  const code = `exports.default = { type: 'onEvent', event: 'validate-connection',
    exec: async (nango) => { await nango.log(nango.scriptType); return 5; } };`;
  const started = host.run(code, { context: { kind: 'onEvent' } });
  const { ok, output } = await started.done;
  assert.deepEqual([ok, output, started.logs[0].message], [true, undefined, 'on-event']);
});

test('an ActionError tells its payload', async () => {
  const { ok, error } = await run(
    action(`throw new nango.ActionError({ message: 'no', fields: ['a'] });`),
  ).done;
  assert.deepEqual(
    [ok, error.type, error.message, error.payload],
    [false, 'action_script_runtime_error', 'no', '{"message":"no","fields":["a"]}'],
  );
});

test('an answer of the provider that nobody caught is told without what is secret', async () => {
  const headers = { 'x-request-id': 'r7', 'set-cookie': 'secret' };
  const http = jsonServer(() => ({ status: 404, body: { why: 'gone' }, headers }));
  const { error } = await run(action(`await nango.get({ endpoint: '/x' });`), {
    handlers: { http },
  }).done;
  assert.equal(error.type, 'script_http_error');
  assert.deepEqual(JSON.parse(error.answer), {
    status: 404,
    headers: { 'content-type': 'application/json', 'x-request-id': 'r7' },
    body: { why: 'gone' },
  });
});

test('an output that is too large fails', async () => {
  const { ok, error } = await run(action(`return 'x'.repeat(2 << 20);`)).done;
  assert.deepEqual([ok, error.type], [false, 'script_output_too_large']);
});

const declared = 'input: z.object({ n: z.number() }), output: z.object({ at: z.date() }),';

test('by default what does not match its schema is a warning', async () => {
  const started = run(action('return { at: 1 };', declared), { input: { n: 'one' } });
  assert.equal((await started.done).ok, true);
  const messages = started.logs.map(({ level, message }) => [level, message.split(':')[0]]);
  assert.deepEqual(messages, [
    ['warn', 'the input does not match its schema'],
    ['warn', 'the output does not match its schema'],
  ]);
});

test('the policy reject refuses an input before the action runs, and an output after', async () => {
  const started = run(action(`await nango.log('ran'); return { at: 1 };`, declared), {
    ...{ input: { n: 'one' }, schemaPolicy: 'reject' },
  });
  assert.equal((await started.done).error.type, 'invalid_action_input');
  assert.equal(started.logs.length, 0);
  const { error } = await run(action('return { at: 1 };', declared), {
    ...{ input: { n: 1 }, schemaPolicy: 'reject' },
  }).done;
  assert.equal(error.type, 'invalid_action_output');
});

test('a declared date may be returned as one', async () => {
  const { ok, output } = await run(action('return { at: new Date(0) };', declared), {
    ...{ input: { n: 1 }, schemaPolicy: 'reject' },
  }).done;
  assert.deepEqual([ok, output], [true, '{"at":"1970-01-01T00:00:00.000Z"}']);
});

test('an action calls another one', async () => {
  const code = action(`return await nango.triggerAction('shop', 'c2', 'other', { a: 1 });`);
  const started = run(code, {
    handlers: { triggerAction: () => ({ status: 200, text: '{"b":2}' }) },
  });
  assert.equal((await started.done).output, '{"b":2}');
  assert.deepEqual(started.calls[0].args, {
    ...{ providerConfigKey: 'shop', connectionId: 'c2', name: 'other', json: '{"a":1}' },
  });
});

test('the failure of another action looks like that of a request', async () => {
  const text = '{"error":{"code":"script_http_error","upstream":{"status":404}}}';
  const { output } = await run(
    action(`try { await nango.triggerAction('shop', 'c2', 'other'); } catch (error) {
      return [error.isAxiosError, error.response.status, error.response.data.error.upstream.status];
    }`),
    { handlers: { triggerAction: () => ({ status: 424, text }) } },
  ).done;
  assert.deepEqual(JSON.parse(output), [true, 424, 404]);
});

test('a bare function is an action, and a sync is none', async () => {
  const bare = 'exports.default = async (nango, input) => input;';
  assert.equal((await run(bare, { input: 3 }).done).output, '3');
  const sync = `exports.default = { type: 'sync', exec: async () => {} };`;
  const { error } = await run(sync).done;
  assert.match(error.message, /exports neither an action nor a function/);
});
