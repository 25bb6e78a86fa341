// Copies the whole Debian package index through Varia, one section per variant, on two workers,
// and checks the copy against apt. Ends with 0 only if everything held.
//
//   node demo.mjs [--kill-worker]

import { parseArgs } from 'node:util';

import { Application, variantOf } from './lib/application.mjs';
import {
  Checks, checkNothingChanged, checkNumbers, checkSample, readEverything, sectionsOfApt,
} from './lib/checks.mjs';
import { withCluster } from './lib/cluster.mjs';
import { Progress } from './lib/progress.mjs';
import { playRound } from './lib/round.mjs';
import { table } from './lib/table.mjs';

const patience = 300_000;
const { values: flags } = parseArgs({
  // Kills one worker with signal 9 when a third of the records has arrived.
  options: { 'kill-worker': { type: 'boolean', default: false } },
});

let killed;

async function main(cluster) {
  const checks = new Checks();
  const sections = await sectionsOfApt();
  const total = sections.reduce((sum, { count }) => sum + count, 0);
  console.log(`Debian has ${total.toLocaleString('en')} packages in ${sections.length} sections.`);

  console.log('Starting the provider, Redis, a coordinator and two workers ...');
  await cluster.start({ workers: 2 });
  await cluster.deploy();

  const application = new Application(cluster);
  await application.connect(sections);
  await application.createVariants();
  console.log(`One connection with ${application.variants.length} variants of the sync packages.`);

  console.log('\nFirst round: everything is new.');
  const totals = new Map(sections.map(({ name, count }) => [variantOf(name), count]));
  const progress = new Progress(totals);
  const killer = flags['kill-worker'] ? killAt(cluster, total / 3) : () => {};
  const first = await playRound(application, {
    onTick: async (standings, seconds) => {
      progress.show(standings, seconds);
      await killer(standings);
    },
  });
  progress.finish(first.standings, first.seconds);
  const found = await readEverything(application);

  console.log('\nSecond round: nothing has changed.');
  const second = await playRound(application, { onTick: (...now) => progress.show(...now) });
  progress.finish(second.standings, second.seconds);
  const after = await readEverything(application);

  console.log('');
  if (flags['kill-worker']) checkKilled(checks, second.standings);
  else checkBothWorked(checks, first.standings);
  checkNumbers(checks, { sections, found, variantOf });
  await checkSample(checks, found);
  checkNothingChanged(checks, { standings: second.standings, before: found, after });

  console.log(`\n${report(first, second)}`);
  return checks.ok;
}

// Returns a function that kills the worker with most variants once so many records are there.
function killAt(cluster, records) {
  return async (standings) => {
    const all = [...standings.values()];
    if (killed || all.reduce((sum, one) => sum + one.records, 0) < records) return;
    const load = (name) => all.filter((x) => x.worker === name && x.status === 'RUNNING').length;
    killed = cluster.workerNames.sort((a, b) => load(b) - load(a))[0];
    const pid = await cluster.killWorker(killed);
    console.log(`        kill -9 ${pid}: ${killed} is gone`);
  };
}

function checkKilled(checks, standings) {
  checks.add(killed !== undefined, `a worker was killed in the first round: ${killed}`);
  const left = [...standings.values()].filter(({ worker }) => worker === killed).length;
  checks.add(left === 0, `${left} variants still on the killed worker`);
}

function checkBothWorked(checks, standings) {
  const used = new Set([...standings.values()].map(({ worker }) => worker));
  checks.add(used.size === 2, `variants ran on ${used.size} workers`);
}

function report(first, second) {
  const rows = [...first.standings].sort(([, a], [, b]) => b.records - a.records)
    // A variant whose worker was lost shows its last run, which added only the rest.
    .map(([variant, { worker, records, seconds, result }]) =>
      [variant, worker, records, seconds ?? '', seconds ? Math.round(result.added / seconds) : '']);
  const rate = Math.round(first.records / first.seconds);
  return table(['variant', 'worker', 'records', 'seconds', 'records/s'], [
    ...rows,
    null,
    ['second round', '', second.records, second.seconds, ''],
    ['first round, total', '', first.records, first.seconds, rate],
  ]);
}

await withCluster(main, { patience });
