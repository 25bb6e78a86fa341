// The limit of variants and the rules of their names.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { integration, refusal, Varia, wholeFile } from './support.mjs';

const file = wholeFile();
let varia;

before(async () => {
  varia = await Varia.start(file);
});

const capped = {
  error: {
    code: 'resource_capped', message: 'Maximum number of variants per sync (100) reached',
  },
};

async function namedVariants(connection) {
  const { syncs } = await varia.nango.syncStatus(integration, '*', connection);
  return syncs.filter(({ name, variant }) => name === 'items' && variant !== 'base');
}

/** Makes many creations at once; returns how many had each outcome, by `status code`. */
async function outcomes(creations) {
  const results = await Promise.allSettled(creations);
  const counts = {};
  for (const { status, reason } of results) {
    const answer = reason?.response;
    const outcome = status === 'fulfilled' ? '200' : `${answer?.status} ${answer?.data.error.code}`;
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
}

test('100 named variants fit, and the 101st is refused', async () => {
  const connection = await varia.connect();
  for (let i = 1; i <= 100; i += 1) await varia.create(connection, 'items', `v${i}`);
  const answer = await refusal(varia.create(connection, 'items', 'v101'));
  assert.deepEqual(answer, { status: 400, body: capped });
  assert.equal((await namedVariants(connection)).length, 100);

  // At the limit, a name that exists is refused for the limit too.
  assert.deepEqual(await refusal(varia.create(connection, 'items', 'v1')),
    { status: 400, body: capped });
  // Another sync of the connection has a limit of its own.
  await varia.create(connection, 'behave', 'v101');
  // One that goes makes room for one.
  await varia.remove(connection, 'items', 'v50');
  await varia.create(connection, 'items', 'v101');
  assert.equal((await refusal(varia.create(connection, 'items', 'v50'))).status, 400);
});

test('of 130 created at once, exactly 100 pass', async () => {
  const connection = await varia.connect();
  const creations = Array.from({ length: 130 }, (_, i) =>
    varia.create(connection, 'items', `v${i}`));
  assert.deepEqual(await outcomes(creations), { 200: 100, '400 resource_capped': 30 });
  assert.equal((await namedVariants(connection)).length, 100);
});

test('of 20 creations of one name at once, exactly one passes', async () => {
  const connection = await varia.connect();
  const creations = Array.from({ length: 20 }, () => varia.create(connection, 'items', 'one'));
  assert.deepEqual(await outcomes(creations),
    { 200: 1, '400 sync_variant_already_exists': 19 });
  assert.equal((await namedVariants(connection)).length, 1);
});

test('base is refused in any case of letters', async () => {
  const connection = await varia.connect();
  for (const name of ['base', 'BASE', 'BaSe']) {
    assert.deepEqual(await refusal(varia.create(connection, 'items', name)), {
      status: 400,
      body: { error: { code: 'invalid_variant', message: `Variant name "${name}" is protected.` } },
    });
    assert.deepEqual(await refusal(varia.remove(connection, 'items', name)), {
      status: 400,
      body: {
        error: { code: 'invalid_variant', message: `Cannot delete protected variant "${name}".` },
      },
    });
  }
});

test('a duplicate is refused, another case of letters is another name', async () => {
  const connection = await varia.connect();
  const first = await varia.create(connection, 'items', 'eu');
  assert.deepEqual(await refusal(varia.create(connection, 'items', 'eu')),
    { status: 400, body: { error: { code: 'sync_variant_already_exists' } } });
  const second = await varia.create(connection, 'items', 'EU');
  assert.notEqual(first.id, second.id);
  assert.equal((await varia.status(connection, 'items', 'eu')).id, first.id);
});

test('a name of 255 characters works, one more does not', async () => {
  const connection = await varia.connect();
  const name = 'x'.repeat(255);
  await varia.create(connection, 'items', name);
  const status = await varia.run(connection, 'items', name);
  assert.equal(status.latestExecutionStatus, 'SUCCESS');
  assert.equal((await varia.records(connection, 'Item', name)).length, 3);
  const answer = await refusal(varia.create(connection, 'items', `${name}x`));
  assert.equal(answer.body.error.code, 'invalid_uri_params');
});
