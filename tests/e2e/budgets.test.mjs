// All variants of a connection share what its provider allows, whatever worker they are on, and
// never run in greater number than they may.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { before, test } from 'node:test';

import { integration, serve, until, Varia, wholeFile } from './support.mjs';

const variants = Array.from({ length: 100 }, (_, i) => `v${i}`);
const rate = { requests: 50, per: 1000 };

const file = wholeFile();
let varia;
let url;

/** Answers a request for a variant: `{ status?, headers?, enough? }`. Set by each test. */
let answer;

before(async () => {
  url = await serve(file, createServer((request, response) => {
    const variant = request.url.split('/').pop();
    const { status = 200, headers = {}, enough = false } = answer(variant);
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify({ enough }));
  }));
  varia = await Varia.start(file, { flags: ['--set', 'runtime.slots=32'] });
});

async function prepare(names, custom = {}) {
  const settings = { ...custom, base_url: url };
  const known = await varia.call('GET', `/integrations/${integration}`);
  const made = known.status === 200
    ? await varia.call('PATCH', `/integrations/${integration}`, { body: { custom: settings } })
    : await varia.call('POST', '/integrations', {
      body: { provider: 'unauthenticated', unique_key: integration, custom: settings },
    });
  assert.equal(made.status, 200, made.text);
  const connection = await varia.connect();
  for (const name of names) await varia.create(connection, 'poll', name);
  return connection;
}

const trigger = (connection, names) => varia.nango.triggerSync(integration,
  names.map((variant) => ({ name: 'poll', variant })), connection);

const ended = (connection, names) => Promise.all(names.map((name) => varia.when(connection, 'poll',
  name, ({ latestExecutionStatus: status }) => status !== undefined && status !== 'RUNNING',
  { timeout: 120_000 })));

async function budgetOf(connection) {
  const { body } = await varia.call('GET', '/varia/budgets');
  return body.budgets.find(({ connection_id: id }) => id === connection);
}

test('a pause that one variant is asked for holds its siblings on all workers', async () => {
  const names = variants.slice(0, 8);
  const connection = await prepare(names);
  const workers = await varia.variants(connection, 'poll');
  assert.ok(new Set(workers.map(({ worker }) => worker)).size > 1, 'they are on both workers');
  const seen = new Set();
  const arrivals = [];
  let refusedAt;
  answer = (variant) => {
    seen.add(variant);
    arrivals.push(Date.now());
    if (refusedAt === undefined && seen.size === names.length) {
      refusedAt = Date.now();
      return { status: 429, headers: { 'retry-after': '6' } };
    }
    return { enough: refusedAt !== undefined && Date.now() > refusedAt + 5_900 };
  };
  await trigger(connection, names);
  await until(() => refusedAt, { timeout: 60_000, what: 'all to be seen' });
  const budget = await until(async () => {
    const now = await budgetOf(connection);
    return now?.paused_until ? now : null;
  }, { timeout: 5_000, what: 'the pause to be shown' });
  assert.equal(budget.reason, 'the provider answered 429');
  assert.equal(budget.rate, null);
  for (const { latestExecutionStatus } of await ended(connection, names)) {
    assert.equal(latestExecutionStatus, 'SUCCESS');
  }
  // What was on its way at that moment may still have come, but nobody set out after it.
  const meanwhile = arrivals.filter((at) => at > refusedAt + 3_000 && at < refusedAt + 5_900);
  assert.deepEqual(meanwhile, []);
  assert.ok(arrivals.some((at) => at >= refusedAt + 5_900));
});

test('a hundred variants keep the rate of their provider and get the same share', async () => {
  const connection = await prepare(variants, { rate: { requests: rate.requests, per: '1s' } });
  const recent = [];
  const counts = new Map();
  let shares;
  let refused = 0;
  let served = 0;
  answer = (variant) => {
    const now = performance.now();
    while (recent.length > 0 && now - recent[0] >= rate.per) recent.shift();
    if (recent.length >= rate.requests) {
      refused += 1;
      return { status: 429, headers: { 'retry-after': '1' } };
    }
    recent.push(now);
    counts.set(variant, (counts.get(variant) ?? 0) + 1);
    served += 1;
    // From the moment on at which all take part.
    if (shares === undefined && counts.size === variants.length) {
      shares = new Map(counts);
      served = 0;
    }
    return { enough: shares !== undefined && served >= 400 };
  };
  await trigger(connection, variants);
  await until(() => shares && served >= 400, { timeout: 120_000, what: 'their requests' });
  const got = variants.map((variant) => counts.get(variant) - shares.get(variant));
  assert.equal(refused, 0);
  assert.ok(Math.max(...got) - Math.min(...got) <= 2, `shares: ${got.join(' ')}`);
  const { rate: shown } = await budgetOf(connection);
  assert.deepEqual(shown, { requests: rate.requests, per_ms: rate.per });
  for (const { latestExecutionStatus } of await ended(connection, variants)) {
    assert.equal(latestExecutionStatus, 'SUCCESS');
  }
  assert.equal(refused, 0);
});

test('no more runs of a connection go on at once than it may have', async () => {
  const names = variants.slice(0, 9);
  const connection = await prepare(names, {
    rate: { requests: 1000, per: '1s' }, runs: { per_connection: 2 },
  });
  const polls = new Map();
  const active = new Set();
  let most = 0;
  answer = (variant) => {
    active.add(variant);
    most = Math.max(most, active.size);
    polls.set(variant, (polls.get(variant) ?? 0) + 1);
    const enough = polls.get(variant) >= 5;
    if (enough) active.delete(variant);
    return { enough };
  };
  await trigger(connection, names);
  for (const { latestExecutionStatus } of await ended(connection, names)) {
    assert.equal(latestExecutionStatus, 'SUCCESS');
  }
  assert.equal(polls.size, names.length);
  assert.ok(most <= 2, `${most} at once`);
  const waits = [];
  for (const name of names) {
    const query = new URLSearchParams({
      provider_config_key: integration, connection_id: connection, name: 'poll', variant: name,
    });
    const { body } = await varia.call('GET', `/varia/variants/runs?${query}`);
    waits.push(body.runs.find(({ what }) => what === 'started').detail.waited_ms);
  }
  assert.ok(waits.every((ms) => Number.isInteger(ms) && ms >= 0), waits.join(' '));
  const { body } = await varia.call('GET', '/varia/workers');
  assert.ok(body.workers.every(({ wait_max_ms: ms }) => Number.isInteger(ms)));
});
