// Measures how a cluster grows, and prints the tables of docs/operations.md: the load of the demo
// with more and more workers, and what very many idle variants cost.
//
//   node tests/bench/scaling.mjs [--rounds 3] [--idle 100000]

import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { Application } from '../../examples/debian/lib/application.mjs';
import { sectionsOfApt } from '../../examples/debian/lib/checks.mjs';
import { Cluster } from '../../examples/debian/lib/cluster.mjs';
import { playRound } from '../../examples/debian/lib/round.mjs';
import { table } from '../../examples/debian/lib/table.mjs';
import { apiKey, descendantsOf, until } from '../e2e/support.mjs';
import { cpuOf, memoryOf } from './memory.mjs';
import { key, median, start, syncCount } from './tools.mjs';
import { Wire } from './wire.mjs';

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    idle: { type: 'string', default: '100000' },
  },
});

// So few runs at once that a worker has to wait for the provider, as it has with a slow one.
const runsPerWorker = 4;
const slowProvider = ['--delay-min', '50', '--delay-max', '50', '--rate', '100000',
  '--burst', '100000'];

/** Plays one round of the demo's load; returns its records per second and the processors busy. */
async function demoLoad(workers, sections) {
  const cluster = new Cluster();
  try {
    await cluster.start({
      workers, provider: slowProvider, worker: ['--set', `worker.runs_max=${runsPerWorker}`],
    });
    await cluster.deploy();
    const application = new Application(cluster);
    await application.connect(sections);
    await application.createVariants();
    const before = cpuOf(process.pid);
    const { seconds, records } = await playRound(application, { onTick: () => {} });
    return { rate: records / seconds, busy: (cpuOf(process.pid) - before) / seconds };
  } finally {
    await cluster.stop();
  }
}

async function scaling() {
  const sections = await sectionsOfApt();
  const rows = [];
  for (const workers of [1, 2, 4]) {
    const rounds = [];
    for (let round = 0; round < Number(flags.rounds); round += 1) {
      rounds.push(await demoLoad(workers, sections));
    }
    const [rate, busy] = ['rate', 'busy'].map((what) => median(rounds.map((one) => one[what])));
    rows.push([workers, workers * runsPerWorker, Math.round(rate), busy.toFixed(2)]);
  }
  console.log(table(['workers', 'runs at once', 'records/s', 'processors busy'], rows));
}

/** Makes idle variants, a hundred for each connection; returns the seconds that took. */
async function makeVariants(scope, varia, count) {
  const connections = [];
  for (let i = 0; i < count / 100; i += 1) connections.push(await varia.connect({ key }));
  const opening = Array.from({ length: 16 }, () => Wire.open(varia.url, apiKey));
  const wires = await Promise.all(opening);
  scope.after(() => wires.forEach((wire) => wire.close()));
  const begin = performance.now();
  let next = 0;
  await Promise.all(wires.map(async (wire) => {
    while (next < count) {
      const i = next;
      next += 1;
      await wire.ask('POST', `/sync/rows/variant/v${i % 100}`, {
        body: { provider_config_key: key, connection_id: connections[Math.floor(i / 100)] },
      });
    }
  }));
  return (performance.now() - begin) / 1000;
}

const megabytes = (bytes) => Math.round(bytes / 1e6);

/** Kills the coordinator, which `varia dev` starts again; returns the seconds until all is well. */
async function takeOver(varia, total) {
  const [coordinator] = descendantsOf(varia.child.pid)
    .filter(({ words }) => words.includes('coordinator'));
  const begin = performance.now();
  process.kill(coordinator.pid, 'SIGKILL');
  await sleep(500);
  await until(async () => {
    const { body } = await varia.call('GET', '/varia/status').catch(() => ({}));
    return body?.unplaced === 0 && body.variants === total && body.workers.length === 4;
  }, { timeout: 120_000, what: 'all variants to be hosted' });
  return (performance.now() - begin) / 1000;
}

async function idle() {
  const count = Number(flags.idle);
  const tasks = [];
  const scope = { after: (task) => tasks.push(task) };
  try {
    const varia = await start(scope, { workers: 4 });
    const made = await makeVariants(scope, varia, count);
    await sleep(10_000);
    const before = cpuOf(varia.child.pid);
    await sleep(30_000);
    const busy = (cpuOf(varia.child.pid) - before) / 30;
    const all = memoryOf(varia.child.pid, { what: 'Pss', redis: true });
    const ours = memoryOf(varia.child.pid, { what: 'Pss', redis: false });
    const total = count + (count / 100) * syncCount;
    const back = await takeOver(varia, total);
    console.log(table(['idle variants', 'named/s', 'MB without Redis', 'MB of Redis',
      'processors busy', 'coordinator killed, all well after s'], [[
      total, Math.round(count / made), megabytes(ours), megabytes(all - ours), busy.toFixed(3),
      back.toFixed(1),
    ]]));
  } finally {
    for (const task of tasks.reverse()) await task();
  }
}

await scaling();
if (Number(flags.idle) > 0) await idle();
