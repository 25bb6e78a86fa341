// A master that dies, and a replica that Sentinels put in its place.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { integration, until } from './support.mjs';
import { Cluster, patiently, RedisServer, startSentinel } from './redis_servers.mjs';

const steps = Array.from({ length: 40 }, (_, step) => `step-${step}`);

test('a cluster follows its Redis to the replica', { timeout: 240_000 }, async (t) => {
  const master = await RedisServer.start(t);
  const replica = await RedisServer.start(t,
    { flags: ['--replicaof', '127.0.0.1', String(master.port)] });
  const sentinels = [];
  for (let i = 0; i < 3; i += 1) sentinels.push(await startSentinel(t, master, 2));
  for (const { child } of sentinels) {
    await child.line(/\+slave slave/, 30_000);
    await until(() => child.output.match(/\+sentinel sentinel/g)?.length >= 2,
      { timeout: 30_000, what: 'the Sentinels to find each other' });
  }
  const addresses = sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',');
  const cluster = await Cluster.start(t, `redis+sentinel://${addresses}/varia`);
  const connection = await cluster.connect({
    metadata: { 'a.behaviour': 'steps', 'b.behaviour': 'steps' },
  });
  for (const name of ['a', 'b']) await cluster.create(connection, 'behave', name);
  await cluster.nango.triggerSync(integration,
    ['a', 'b'].map((variant) => ({ name: 'behave', variant })), connection);
  for (const name of ['a', 'b']) {
    await cluster.when(connection, 'behave', name, (now) => (now.recordCount.Mark ?? 0) > 5);
  }
  const created = [];
  for (let i = 0; i < 10; i += 1) {
    await cluster.create(connection, 'behave', `early-${i}`);
    created.push(`early-${i}`);
  }
  // From here on the replica has all that was acknowledged.
  assert.equal(await waitForReplica(master), ':1');
  await master.child.kill();
  for (let i = 0; i < 5; i += 1) {
    await patiently(() => cluster.create(connection, 'behave', `late-${i}`)
      .catch((error) => {
        // It was made although the answer did not come.
        if (error.response?.data?.error?.code !== 'sync_variant_already_exists') throw error;
      }));
    created.push(`late-${i}`);
  }
  assert.equal(await replica.ask('SET', 'probe', 'x'), '+OK');
  for (const name of ['a', 'b']) {
    await patiently(() => cluster.when(connection, 'behave', name,
      (now) => now.latestExecutionStatus === 'SUCCESS', { timeout: 40_000 }), 90_000);
    const ids = (await cluster.records(connection, 'Mark', name)).map(({ id }) => id);
    assert.deepEqual(ids.filter((id) => id.startsWith('step-')), steps);
    const { checkpoint } = await cluster.status(connection, 'behave', name);
    assert.deepEqual(checkpoint, { step: 40 });
  }
  const rows = await cluster.variants(connection, 'behave');
  const names = rows.map(({ variant }) => variant);
  for (const name of created) assert.ok(names.includes(name), name);
});

/** Waits until a replica has all that the master has; answers how many have. */
function waitForReplica(master) {
  return master.ask('WAIT', '1', '4000');
}
