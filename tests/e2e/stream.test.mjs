// Following records live over HTTP, and what goes with it: all variants at once, and pruning.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { apiKey, integration, refusal, temporaryFolder, until, Varia } from './support.mjs';

const patience = 30_000;

/** A consumer of `GET /records/stream`, with what it got in `events`: `{ id, name, record }`. */
class Consumer {
  events = [];
  #text = '';

  /** Begins to listen; `last` is the id of the last event it knows. */
  static async listen(t, varia, connection, query, last) {
    const consumer = new Consumer();
    const stop = new AbortController();
    t.after(() => stop.abort());
    const answer = await fetch(`${varia.url}/records/stream?${new URLSearchParams(query)}`, {
      headers: {
        authorization: `Bearer ${apiKey}`,
        'connection-id': connection,
        'provider-config-key': integration,
        ...(last && { 'last-event-id': last }),
      },
      signal: stop.signal,
    });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('content-type'), 'text/event-stream');
    consumer.ended = consumer.#read(answer.body).catch((error) => error);
    return consumer;
  }

  get ids() {
    return this.events.map(({ record }) => record.id);
  }

  get last() {
    return this.events.at(-1)?.id;
  }

  /** Waits until it has got that many events. */
  has(count) {
    return until(() => this.events.length >= count, {
      timeout: patience, what: `${count} events`, every: 10,
      detail: () => `${this.events.length}: ${this.ids}`,
    });
  }

  async #read(body) {
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
      this.#text += chunk;
      const parts = this.#text.split('\n\n');
      this.#text = parts.pop();
      for (const part of parts) this.#take(part);
    }
  }

  #take(text) {
    const of = (name) => text.split('\n').filter((line) => line.startsWith(`${name}: `))
      .map((line) => line.slice(name.length + 2)).join('\n');
    if (of('data')) {
      this.events.push({ id: of('id'), name: of('event'), record: JSON.parse(of('data')) });
    }
  }
}

test('a consumer sees what runs save while they save it', async (t) => {
  const varia = await Varia.start(t);
  const connection = await varia.connect({ metadata: { 'v.behaviour': 'steps' } });
  await varia.create(connection, 'behave', 'v');
  const consumer = await Consumer.listen(t, varia, connection, { model: 'Mark', variant: 'v' });
  await varia.nango.triggerSync(integration, [{ name: 'behave', variant: 'v' }], connection);
  await consumer.has(5);
  assert.equal((await varia.status(connection, 'behave', 'v')).status, 'RUNNING');
  await consumer.has(42);
  const steps = Array.from({ length: 40 }, (_, step) => `step-${step}`);
  assert.deepEqual(consumer.ids, ['began', ...steps, 'ended']);
  const records = await varia.records(connection, 'Mark', 'v');
  assert.deepEqual(consumer.events.map(({ record }) => record), records);
  for (const { id, name, record } of consumer.events) {
    assert.equal(name, 'added');
    assert.equal(id, record._nango_metadata.cursor);
  }
  await varia.remove(connection, 'behave', 'v');
  assert.equal(await consumer.ended, undefined);
  assert.equal(consumer.events.at(-1).name, 'gone');
});

test('a consumer that comes back after a restart misses and repeats nothing', async (t) => {
  const data = await temporaryFolder(t);
  const flags = ['--set', 'worker.stop_deadline=100ms'];
  const first = await Varia.start(t, { data, flags });
  const connection = await first.connect({ metadata: { 'v.behaviour': 'steps' } });
  await first.create(connection, 'behave', 'v');
  const query = { model: 'Mark', variant: 'v' };
  const before = await Consumer.listen(t, first, connection, query);
  await first.nango.triggerSync(integration, [{ name: 'behave', variant: 'v' }], connection);
  await before.has(8);
  await first.stop();
  await before.ended;
  assert.ok(before.events.length < 42, 'the run was cut off');

  const second = await Varia.start(t, { data });
  await second.when(connection, 'behave', 'v', ({ status }) => status !== 'RUNNING');
  await second.run(connection, 'behave', 'v');
  const after = await Consumer.listen(t, second, connection, query, before.last);
  await after.has(42 - before.events.length);
  const steps = Array.from({ length: 40 }, (_, step) => `step-${step}`);
  assert.deepEqual([...before.ids, ...after.ids], ['began', ...steps, 'ended']);
});

test('one consumer follows all variants of a sync', async (t) => {
  const varia = await Varia.start(t);
  const connection = await varia.connect({ metadata: { 'one.count': 20, 'two.count': 30 } });
  for (const name of ['one', 'two']) await varia.create(connection, 'items', name);
  const query = { model: 'Item', variant: '*' };
  const consumer = await Consumer.listen(t, varia, connection, query);
  await Promise.all(['base', 'one', 'two'].map((name) => varia.run(connection, 'items', name)));
  await consumer.has(53);
  await varia.create(connection, 'items', 'late');
  await varia.run(connection, 'items', 'late');
  await consumer.has(56);
  await varia.remove(connection, 'items', 'one');
  await varia.run(connection, 'items', 'two');
  await consumer.has(86);

  const of = (events, variant) => events.map(({ record }) => record)
    .filter(({ _nango_metadata: about }) => about.variant === variant).map(({ id }) => id);
  const items = (count) => Array.from({ length: count }, (_, number) => `item-${number}`);
  assert.deepEqual(of(consumer.events, 'base'), items(3));
  assert.deepEqual(of(consumer.events, 'one'), items(20));
  assert.deepEqual(of(consumer.events, 'two'), items(60));
  assert.deepEqual(of(consumer.events, 'late'), items(3));
  for (const { record } of consumer.events) {
    assert.equal(record.variant, record._nango_metadata.variant);
  }

  // The public client hands the asterisk on; its pages and the stream show the same.
  const left = consumer.events.map(({ record }) => record).filter((x) => x.variant !== 'one');
  for (const limit of [7, 1000]) {
    assert.deepEqual(await varia.records(connection, 'Item', '*', { limit }), left);
  }
  const { cursor } = left[39]._nango_metadata;
  const behind = await Consumer.listen(t, varia, connection, query, cursor);
  await behind.has(left.length - 40);
  assert.deepEqual(behind.ids, left.slice(40).map(({ id }) => id));
});

test('the public client prunes', async (t) => {
  const varia = await Varia.start(t);
  const connection = await varia.connect({ metadata: { count: 10 } });
  await varia.create(connection, 'items', 'v');
  await varia.run(connection, 'items', 'v');
  const before = await varia.records(connection, 'Item', 'v');
  const prune = (untilCursor, limit) => varia.nango.pruneRecords({
    providerConfigKey: integration, connectionId: connection, model: 'Item', variant: 'v',
    untilCursor, limit,
  });
  const { cursor } = before[6]._nango_metadata;
  assert.deepEqual(await prune(cursor, 5), { count: 5, has_more: true });
  assert.deepEqual(await prune(cursor), { count: 2, has_more: false });
  const after = await varia.records(connection, 'Item', 'v');
  assert.deepEqual(after.slice(7), before.slice(7));
  for (const [i, { id, _nango_metadata: about, ...rest }] of after.slice(0, 7).entries()) {
    assert.deepEqual(rest, {});
    assert.equal(id, before[i].id);
    assert.match(about.pruned_at, /\+00:00$/);
    assert.deepEqual({ ...about, pruned_at: null }, before[i]._nango_metadata);
  }
  assert.equal((await varia.status(connection, 'items', 'v')).recordCount.Item, 10);
  assert.deepEqual(await refusal(prune('zzz')), {
    status: 500,
    body: { error: { code: 'server_error', message: 'Failed to prune records' } },
  });
});
