// Redis in trouble: runs wait, the API says so, and all goes on by itself.

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { apiKey, integration, until, wholeFile } from './support.mjs';
import { Cluster, patiently, RedisServer, smallDisk } from './redis_servers.mjs';

const file = wholeFile();
const steps = Array.from({ length: 40 }, (_, step) => `step-${step}`);
let redis;
let cluster;

before(async () => {
  redis = await RedisServer.start(file);
  cluster = await Cluster.start(file, redis.url);
});

/** Starts a run of forty small steps on `on`, and waits until it is in the middle of them. */
async function runningSteps(on) {
  const connection = await on.connect({ metadata: { 'v.behaviour': 'steps' } });
  // The leader may still be taking up its work after the trouble of the test before.
  await patiently(() => on.create(connection, 'behave', 'v'));
  await patiently(() => on.nango.triggerSync(integration, [{ name: 'behave', variant: 'v' }],
    connection));
  await on.when(connection, 'behave', 'v', (now) => (now.recordCount.Mark ?? 0) > 5);
  return connection;
}

/** Waits until the run has come to its end, and checks that everything is there once. */
async function endsWhole(on, connection) {
  await patiently(() => on.when(connection, 'behave', 'v',
    (now) => now.latestExecutionStatus === 'SUCCESS', { timeout: 40_000 }), 90_000);
  const ids = (await on.records(connection, 'Mark', 'v')).map(({ id }) => id);
  assert.deepEqual(ids.filter((id) => id.startsWith('step-')), steps);
  assert.deepEqual(ids.filter((id) => !id.startsWith('step-')).sort(), ['began', 'ended']);
  assert.deepEqual((await on.status(connection, 'behave', 'v')).checkpoint, { step: 40 });
}

/** Asserts that what writes is refused for the time being, with the reason in words. */
async function saysWhy(on, connection, words) {
  const answer = await on.call('PATCH', '/connections/metadata', {
    body: {
      connection_id: connection, provider_config_key: integration, metadata: { some: 'thing' },
    },
  });
  assert.equal(answer.status, 503, answer.text);
  assert.equal(answer.body.error.code, 'service_unavailable');
  assert.match(answer.body.error.message, words);
  assert.equal(answer.headers.get('retry-after'), '1');
}

test('a run outlasts a Redis that is away for 30 s', { timeout: 240_000 }, async () => {
  const connection = await runningSteps(cluster);
  await redis.child.kill();
  await saysWhy(cluster, connection, /Redis is out of reach/);
  await sleep(30_000);
  await redis.run();
  await endsWhole(cluster, connection);
});

test('a run outlasts a Redis that is frozen, and nothing lies meanwhile', { timeout: 240_000 },
  async () => {
    const connection = await runningSteps(cluster);
    const variant = `provider_config_key=${integration}&connection_id=${connection}&sync=behave`;
    const run = `provider_config_key=${integration}&connection_id=${connection}&name=behave`
      + '&variant=v';
    const source = {
      'provider-config-key': integration, 'connection-id': connection,
    };
    const routes = [
      ['/integrations'], [`/integrations/${integration}`], ['/connections'], ['/connection'],
      [`/connections/${connection}?provider_config_key=${integration}`],
      [`/connection/${connection}?provider_config_key=${integration}`],
      ['/records?model=Mark&variant=v', source], ['/records/stream?model=Mark&variant=v', source],
      [`/sync/status?provider_config_key=${integration}&syncs=*&connection_id=${connection}`],
      ['/scripts/config?format=nango'], ['/environment-variables'], ['/varia/budgets'],
      [`/varia/variants?${variant}`], [`/varia/variants/runs?${run}`],
      [`/varia/variants/log?${run}`], [`/varia/variants/overlap?${variant}&model=Mark`],
      ['/ready'],
    ];
    // All of them are good requests: what they are refused for later is Redis alone.
    for (const [path, headers] of routes) {
      const aborted = new AbortController();
      const { status } = await fetch(`${cluster.url}${path}`,
        { headers: { authorization: `Bearer ${apiKey}`, ...headers }, signal: aborted.signal });
      aborted.abort();
      assert.equal(status, 200, path);
    }
    redis.child.signal('SIGSTOP');
    try {
      const all = await Promise.all(routes.map(async ([path, headers]) => {
        const { status, body, text } = await cluster.call('GET', path, { headers });
        return { path, status, code: body?.error?.code, text };
      }));
      for (const { path, status, code, text } of all) {
        assert.equal(status, 503, `${path}: ${text}`);
        if (path !== '/ready') assert.equal(code, 'service_unavailable', path);
      }
      assert.equal((await cluster.call('GET', '/health')).status, 200);
      await sleep(5_000);
    } finally {
      redis.child.signal('SIGCONT');
    }
    await endsWhole(cluster, connection);
  });

test('a run outlasts a pause of all writes', { timeout: 240_000 }, async () => {
  const connection = await runningSteps(cluster);
  await redis.tell('CLIENT', 'PAUSE', '8000', 'WRITE');
  await saysWhy(cluster, connection, /Redis does not answer/);
  await endsWhole(cluster, connection);
});

test('a run outlasts a Redis that is out of memory', { timeout: 240_000 }, async () => {
  const connection = await runningSteps(cluster);
  await redis.tell('CONFIG', 'SET', 'maxmemory', '1');
  try {
    await saysWhy(cluster, connection, /Redis is out of memory/);
    // What only reads goes on.
    assert.ok((await cluster.status(connection, 'behave', 'v')).recordCount.Mark > 5);
    await sleep(5_000);
  } finally {
    await redis.tell('CONFIG', 'SET', 'maxmemory', '0');
  }
  await endsWhole(cluster, connection);
});

test('a run outlasts a Redis that has lost its replicas', { timeout: 240_000 }, async () => {
  const connection = await runningSteps(cluster);
  await redis.tell('CONFIG', 'SET', 'min-replicas-to-write', '1');
  try {
    await saysWhy(cluster, connection, /Redis has lost its replicas/);
    await sleep(5_000);
  } finally {
    await redis.tell('CONFIG', 'SET', 'min-replicas-to-write', '0');
  }
  await endsWhole(cluster, connection);
});

test('a run outlasts a Redis that is a replica for a while', { timeout: 240_000 }, async () => {
  const connection = await runningSteps(cluster);
  await redis.tell('REPLICAOF', '127.0.0.1', '1');
  try {
    await saysWhy(cluster, connection, /Redis is (read-only|a replica)/);
    await sleep(3_000);
  } finally {
    await redis.tell('REPLICAOF', 'NO', 'ONE');
  }
  await endsWhole(cluster, connection);
});

test('Functions that were lost are loaded again', { timeout: 240_000 }, async () => {
  const connection = await runningSteps(cluster);
  await redis.tell('FUNCTION', 'FLUSH');
  await endsWhole(cluster, connection);
});

test('a run outlasts a full disk', { timeout: 240_000 }, async (t) => {
  const folder = await smallDisk(t, '16m');
  if (!folder) return t.skip('only root may mount a small disk');
  // With `always` a Redis whose disk is full ends itself.
  const small = await RedisServer.start(t, { folder, flags: ['--appendfsync', 'everysec'] });
  const on = await Cluster.start(t, small.url, { workers: 1 });
  const connection = await runningSteps(on);
  const ballast = join(folder, 'ballast');
  await writeFile(ballast, Buffer.alloc(16 << 20)).catch((why) => {
    assert.equal(why.code, 'ENOSPC');
  });
  await until(async () => (await small.ask('SET', 'probe', 'x')).startsWith('-MISCONF'),
    { timeout: 20_000, what: 'Redis to notice' });
  await saysWhy(on, connection, /Redis cannot write to its disk/);
  await sleep(3_000);
  await writeFile(ballast, '');
  await endsWhole(on, connection);
});
