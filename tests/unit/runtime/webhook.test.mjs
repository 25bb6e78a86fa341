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

const definition = (fields) =>
  `exports.default = { type: 'sync', text: 'ran',
     exec: async (nango) => nango.log('exec'), ${fields} };`;

const payload = '{"order":{"id":"o1"},"list":[1]}';

test('a webhook runs the handler of the definition with the payload', async () => {
  const code = definition(`async onWebhook(nango, payload) {
    await nango.batchSave([payload.order], 'Order');
    await nango.log('seen', { text: this.text, own: payload.list instanceof Array,
      variant: nango.variant, type: nango.scriptType });
  }`);
  const run = host.run(code, { context: { kind: 'onWebhook', payload } });
  assert.equal((await run.done).ok, true);
  assert.deepEqual(run.calls[0].args.ids, ['o1']);
  assert.deepEqual(JSON.parse(run.logs[0].payload), {
    ...{ text: 'ran', own: true, variant: 'base', type: 'webhook' },
  });
  assert.equal(run.logs.length, 1);
});

test('a webhook runs the named export of older scripts', async () => {
  const code = `exports.default = async (nango) => nango.log('exec');
    exports.onWebhookPayloadReceived = async (nango, payload) => nango.log('webhook', payload);`;
  const run = host.run(code, { context: { kind: 'onWebhook', payload } });
  assert.equal((await run.done).ok, true);
  assert.deepEqual(
    run.logs.map(({ message, payload: logged }) => [message, logged]),
    [['webhook', payload]],
  );
});

test('a webhook may come without a payload', async () => {
  const code = definition(`onWebhook: async (nango, payload) => nango.log('seen', { payload })`);
  const run = host.run(code, { context: { kind: 'onWebhook' } });
  assert.equal((await run.done).ok, true);
  assert.equal(run.logs[0].payload, '{"payload":null}');
});

test('a script without a handler refuses webhooks', async () => {
  for (const code of [definition(''), 'exports.default = async () => {};']) {
    const { ok, error } = await host.run(code, { context: { kind: 'onWebhook', payload } }).done;
    assert.deepEqual([ok, error.message], [false, 'the script has no onWebhook']);
  }
});

test('the other kind of run goes on running exec', async () => {
  const run = host.run(definition(`onWebhook: async () => {}`), { context: { kind: 'exec' } });
  assert.equal((await run.done).ok, true);
  assert.equal(run.logs[0].message, 'exec');
});
