// The measures, one function each. They get a scope whose `after` ends what they start, and return
// rows `{ name, value, note }`.

import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import { apiKey, program, until } from '../e2e/support.mjs';
import { apiMeasures } from './api.mjs';
import { budgetMeasures } from './budget.mjs';
import { memoryOf } from './memory.mjs';
import { startMeasures } from './starts.mjs';
import { key, median, numbered, quantile, start, startDelay, syncCount } from './tools.mjs';
import { Wire } from './wire.mjs';

const variantsPerConnection = 100;

const run = promisify(execFile);

async function openWires(scope, varia, count) {
  const opening = Array.from({ length: count }, () => Wire.open(varia.url, apiKey));
  const wires = await Promise.all(opening);
  scope.after(() => wires.forEach((wire) => wire.close()));
  return wires;
}

/** Runs a variant and returns how many seconds the run took, by the clock of the server. */
async function secondsOfRun(varia, connection, variant) {
  const { latestExecutionStatus } = await varia.run(connection, 'rows', variant,
    { key, timeout: 60_000 });
  if (latestExecutionStatus !== 'SUCCESS') throw new Error(`a run ended ${latestExecutionStatus}`);
  const rows = await varia.variants(connection, 'rows', key);
  const row = rows.find((one) => one.variant === variant);
  return (Date.parse(row.finished_at) - Date.parse(row.started_at)) / 1000;
}

async function scriptSpeed(scope) {
  const count = 20_000;
  const varia = await start(scope);
  const connection = await varia.connect({ key });
  const rates = { large: [], small: [], unchanged: [], changed: [] };
  const rate = async (list, variant, metadata) => {
    await varia.nango.setMetadata(key, connection, { count, ...metadata });
    list.push(count / (await secondsOfRun(varia, connection, variant)));
  };
  await varia.create(connection, 'rows', 'warm', key);
  await rate([], 'warm', { batch: 1000, revision: 1 });
  for (const round of [1, 2, 3]) {
    await varia.create(connection, 'rows', `large-${round}`, key);
    await rate(rates.large, `large-${round}`, { batch: 1000, revision: 1 });
    await rate(rates.unchanged, `large-${round}`, { batch: 1000, revision: 1 });
    await rate(rates.changed, `large-${round}`, { batch: 1000, revision: 2 });
    await varia.create(connection, 'rows', `small-${round}`, key);
    await rate(rates.small, `small-${round}`, { batch: 100, revision: 1 });
  }
  const what = '20,000 records of 300 bytes, median of 3 runs, start and end of the run included';
  return [
    { name: 'script_records_per_s', value: median(rates.large), note: `batches of 1,000; ${what}` },
    { name: 'script_records_small_per_s', value: median(rates.small), note: 'batches of 100' },
    { name: 'script_unchanged_per_s', value: median(rates.unchanged), note: 'batches of 1,000' },
    { name: 'script_changed_per_s', value: median(rates.changed), note: 'batches of 1,000' },
  ];
}

async function hundredVariants(scope) {
  const varia = await start(scope);
  const connection = await varia.connect({
    key, metadata: { count: 200, batch: 200, revision: 1 },
  });
  const names = numbered(100);
  await Promise.all(names.map((name) => varia.create(connection, 'rows', name, key)));
  const syncs = names.map((variant) => ({ name: 'rows', variant }));
  const seconds = [];
  for (let round = 0; round < 4; round += 1) {
    const begin = Date.now();
    await varia.nango.triggerSync(key, syncs, connection, { reset: true, emptyCache: true });
    const ended = await until(async () => {
      const status = await varia.nango.syncStatus(key, '*', connection);
      const ends = status.syncs.filter(({ variant }) => variant !== 'base')
        .map((one) => (one.latestExecutionStatus === 'SUCCESS' ? Date.parse(one.finishedAt) : 0));
      return ends.length === 100 && ends.every((end) => end >= begin) && Math.max(...ends);
    }, { timeout: 60_000, what: '100 variants to end', every: 100 });
    if (round > 0) seconds.push((ended - begin) / 1000); // The first one warms up.
  }
  return [{ name: 'hundred_variants_s', value: median(seconds), note: 'two workers, median of 3' }];
}

async function triggerLatency(scope) {
  const varia = await start(scope);
  const connection = await varia.connect({ key });
  await varia.create(connection, 'begin', 'v', key);
  const [wire] = await openWires(scope, varia, 1);
  const waits = [];
  for (let i = 0; i < 220; i += 1) {
    const wait = await startDelay(varia, wire, connection, 'v');
    if (i >= 20) waits.push(wait);
    await sleep(20);
  }
  const note = '200 triggers of an idle variant, to the first line of its script, whole ms';
  return [
    { name: 'trigger_p50_ms', value: quantile(waits, 0.5), note },
    { name: 'trigger_p99_ms', value: quantile(waits, 0.99), note: '' },
  ];
}

/** Creates `count` variants on fresh connections, by so many clients at once. */
async function createVariants(scope, varia, count, clients) {
  const ids = [];
  for (let i = 0; i < count / variantsPerConnection; i += 1) ids.push(await varia.connect({ key }));
  const wires = await openWires(scope, varia, clients);
  let next = 0;
  const begin = performance.now();
  await Promise.all(wires.map(async (wire) => {
    while (next < count) {
      const i = next;
      next += 1;
      const body = { provider_config_key: key, connection_id: ids[i % ids.length] };
      await wire.ask('POST', `/sync/rows/variant/v${i}`, { body });
    }
  }));
  return (performance.now() - begin) / 1000;
}

async function creation(scope) {
  const varia = await start(scope);
  await createVariants(scope, varia, 200, 4); // Warms up.
  const one = 1000 / (await createVariants(scope, varia, 1000, 1));
  const many = 3000 / (await createVariants(scope, varia, 3000, 16));
  return [
    { name: 'create_per_s', value: one, note: 'one client' },
    { name: 'create_per_s', value: many, goal: 2000, note: '16 clients' },
  ];
}

/** Calls per second of the Function behind a page, by redis-benchmark with as many clients. */
async function bareRate(varia, clients) {
  const socket = join(varia.data, 'redis.sock');
  const { stdout: found } = await run('redis-cli', ['-s', socket, 'KEYS', '*:order:Row']);
  const order = found.trim();
  const keys = ['meta', 'data', 'order'].map((part) => order.replace(':order:', `:${part}:`));
  const { stdout } = await run('redis-benchmark', [
    '-s', socket, '-c', String(clients), '-n', '10000', '--csv',
    'FCALL_RO', 'records_page', '3', ...keys, '0', '+inf', '100', 'AUD', '2000', '16777216',
  ], { timeout: 60_000 });
  return Number(stdout.trim().split('\n').at(-1).split(',')[1].replaceAll('"', ''));
}

async function pages(scope) {
  const varia = await start(scope);
  const connection = await varia.connect({
    key, metadata: { count: 20_000, batch: 1000, revision: 1 },
  });
  await varia.run(connection, 'rows', 'base', { key });
  const wires = await openWires(scope, varia, 16);
  const headers = `Connection-Id: ${connection}\r\nProvider-Config-Key: ${key}\r\n`;
  const seconds = 5;
  const end = performance.now() + seconds * 1000;
  let count = 0;
  await Promise.all(wires.map(async (wire) => {
    let cursor = '';
    while (performance.now() < end) {
      const path = `/records?model=Row&sync=rows&limit=100${cursor}`;
      const body = await wire.ask('GET', path, { headers });
      if (body.length < 100 * 300) throw new Error(`a page of ${body.length} bytes`);
      // The cursor stands first, so the records need not be read.
      const next = body.toString('latin1', 0, 300).match(/^\{"next_cursor":"([^"]+)"/);
      cursor = next ? `&cursor=${encodeURIComponent(next[1])}` : '';
      count += 1;
    }
  }));
  const bare = await bareRate(varia, wires.length);
  return [
    {
      name: 'pages_per_s', value: count / seconds,
      note: '16 clients, 100 records of 300 bytes a page',
    },
    {
      name: 'page_ratio', value: count / seconds / bare,
      note: `against ${Math.round(bare)}/s of redis-benchmark calling the same Function`,
    },
  ];
}

async function memory(scope) {
  const varia = await start(scope);
  await createVariants(scope, varia, 1000, 4);
  await sleep(10_000);
  const bytes = memoryOf(varia.child.pid, { what: 'Pss', redis: true });
  return [{
    name: 'memory_mb', value: bytes / 1e6,
    note: 'PSS of all processes of varia dev with two workers, Node and Redis included, after 10 s',
  }];
}

async function idleVariants(scope) {
  const count = 10_000;
  const varia = await start(scope, { workers: 1 });
  await createVariants(scope, varia, 100, 4);
  await sleep(5000);
  const used = () => memoryOf(varia.child.pid, { what: 'Rss', redis: false });
  const before = used();
  await createVariants(scope, varia, count, 16);
  await sleep(5000);
  const made = count + (count / variantsPerConnection) * syncCount;
  return [{
    name: 'idle_variant_bytes', value: (used() - before) / made,
    note: '10,000 more variants on one worker; growth of RSS of all processes but Redis',
  }];
}

/** Runs the program that measures the store alone. */
async function store() {
  const bench = join(dirname(program), 'tests/store_bench');
  const { stdout } = await run(bench, { timeout: 170_000 });
  return stdout.trim().split('\n').map((line) => JSON.parse(line));
}

export const measures = [
  {
    names: ['commit_ratio', ...['10k', '100k', '1m'].flatMap((count) => [
      ...['insert_per_s', 'unchanged_per_s', 'changed_per_s', 'record_bytes', 'page_us']
        .map((name) => `${name}_${count}`),
    ])],
    run: store,
  },
  {
    names: ['script_records_per_s', 'script_records_small_per_s', 'script_unchanged_per_s',
      'script_changed_per_s'],
    run: scriptSpeed,
  },
  { names: ['hundred_variants_s'], run: hundredVariants },
  { names: ['trigger_p50_ms', 'trigger_p99_ms'], run: triggerLatency },
  { names: ['create_per_s'], run: creation },
  { names: ['pages_per_s', 'page_ratio'], run: pages },
  { names: ['memory_mb'], run: memory },
  { names: ['idle_variant_bytes'], run: idleVariants },
  ...apiMeasures,
  ...startMeasures,
  ...budgetMeasures,
];
