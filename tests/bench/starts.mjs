// How soon runs start, beside nothing and beside others, and what a run that is there costs.

import { setTimeout as sleep } from 'node:timers/promises';

import { apiKey, descendantsOf, survivorsOf, until } from '../e2e/support.mjs';
import { bytesOf } from './memory.mjs';
import { key, median, numbered, quantile, start, startDelay, trigger } from './tools.mjs';
import { Wire } from './wire.mjs';

const scriptProcesses = (varia) => descendantsOf(varia.child.pid)
  .filter(({ name, words }) => name === 'node' && words.some((one) => one.endsWith('child.cjs')));

async function prepared(scope, options, variants = ['v']) {
  const varia = await start(scope, options);
  const connection = await varia.connect({ key });
  await Promise.all(variants.map((name) => varia.create(connection, 'begin', name, key)));
  const wire = await Wire.open(varia.url, apiKey);
  scope.after(() => wire.close());
  const delay = (variant) => startDelay(varia, wire, connection, variant);
  return { varia, connection, wire, delay };
}

// Cold is a start for which a process must be started too: the others have just been killed.
async function runStarts(scope) {
  const { varia, delay } = await prepared(scope, { workers: 1 });
  const cold = [];
  const warm = [];
  for (let round = 0; round < 8; round += 1) {
    const victims = scriptProcesses(varia);
    for (const { pid } of victims) process.kill(pid, 'SIGKILL');
    await until(() => survivorsOf(victims).length === 0,
      { timeout: 5000, what: 'the end of the processes', every: 1 });
    cold.push(await delay('v'));
    for (let i = 0; i < 8; i += 1) warm.push(await delay('v'));
    await sleep(200);
  }
  return [
    { name: 'run_start_cold_ms', value: median(cold), note: 'first line, with a new Node process' },
    { name: 'run_start_warm_ms', value: median(warm), note: 'the same with one that is there' },
  ];
}

async function runMemory(scope) {
  const count = 100;
  const flags = ['--set', 'runtime.processes=7', '--set', 'runtime.slots=16'];
  const varia = await start(scope, { workers: 1, flags });
  const connection = await varia.connect({ key, metadata: { ms: 60_000 } });
  const names = numbered(count);
  await Promise.all(names.map((name) => varia.create(connection, 'hold', name, key)));
  const syncs = names.map((variant) => ({ name: 'hold', variant }));
  await varia.nango.triggerSync(key, syncs, connection);
  await until(async () => {
    const status = await varia.nango.syncStatus(key, syncs, connection);
    return status.syncs.every(({ checkpoint }) => checkpoint?.held);
  }, { timeout: 60_000, what: '100 runs at once', every: 200 });
  const processes = scriptProcesses(varia);
  const bytes = processes.reduce((sum, { pid }) => sum + bytesOf(pid, 'Pss'), 0);
  return [{
    name: 'run_memory_mb', value: bytes / count / 1e6,
    note: `PSS of ${processes.length} Node processes with ${count} runs, for each run`,
  }];
}

// The script has ended well before, so nothing marks it as one to be careful with.
async function besideHog(scope) {
  const { varia, connection, delay } = await prepared(scope, { workers: 1 });
  for (let i = 0; i < 20; i += 1) await delay('v');
  await varia.create(connection, 'hog', 'hog', key);
  await varia.run(connection, 'hog', 'hog', { key });
  await varia.nango.setMetadata(key, connection, { hog: true });
  await varia.nango.triggerSync(key, [{ name: 'hog', variant: 'hog' }], connection);
  await varia.when(connection, 'hog', 'hog', ({ status }) => status === 'RUNNING', { key });
  const delays = [];
  while (delays.length < 200 &&
    (await varia.status(connection, 'hog', 'hog', key)).status === 'RUNNING') {
    delays.push(await delay('v'));
    await sleep(50);
  }
  if (delays.length < 5) throw new Error(`the hog was gone after ${delays.length} starts`);
  return [{
    name: 'hog_delay_ms', value: quantile(delays, 0.99),
    note: `trigger to first line beside an endless loop, p99 of ${delays.length}`,
  }];
}

/** Triggers variants of `begin` 10 ms apart, and returns their delays. */
async function delaysOf(varia, wire, connection, names) {
  const begins = new Map();
  for (const name of names) {
    begins.set(name, await trigger(wire, connection, name));
    await sleep(10);
  }
  const syncs = names.map((variant) => ({ name: 'begin', variant }));
  return await until(async () => {
    const status = await varia.nango.syncStatus(key, syncs, connection);
    const delays = status.syncs.map((one) => one.checkpoint?.at - begins.get(one.variant));
    return delays.length === names.length && delays.every((delay) => delay >= 0) && delays;
  }, { timeout: 30_000, what: 'the starts', every: 100 });
}

async function siblings(scope) {
  const names = numbered(99);
  const { varia, connection, wire } = await prepared(scope, {}, names);
  await varia.create(connection, 'saturate', 'all', key);
  const round = () => delaysOf(varia, wire, connection, names);
  await round(); // Warms up.
  const alone = [];
  const beside = [];
  for (let i = 0; i < 3; i += 1) {
    alone.push(...await round());
    await varia.nango.setMetadata(key, connection, { ms: 3000 });
    const saturating = varia.run(connection, 'saturate', 'all', { key, timeout: 60_000 });
    await sleep(300);
    beside.push(...await round());
    await saturating;
  }
  const [without, with_] = [alone, beside].map((waits) => quantile(waits, 0.99));
  return [{
    name: 'sibling_delay_ratio', value: with_ / without,
    note: `p99 of 297 starts 10 ms apart: ${with_} ms beside a variant that never pauses, ` +
      `${without} ms without`,
  }];
}

export const startMeasures = [
  { names: ['run_start_cold_ms', 'run_start_warm_ms'], run: runStarts },
  { names: ['run_memory_mb'], run: runMemory },
  { names: ['hog_delay_ms'], run: besideHog },
  { names: ['sibling_delay_ratio'], run: siblings },
];
