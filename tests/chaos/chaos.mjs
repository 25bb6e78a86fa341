// Random faults over a live load, and then proof from what was stored and acknowledged that nothing
// was lost, doubled or interleaved. Ends with 0 only if all of it held.
//
//   node chaos.mjs [--seconds 600] [--seed N] [--loopback]
//
// As root it runs on hosts of namespaces, whose links it cuts; elsewhere on loopback. The same seed
// plays the same faults at the same times.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { HostCluster } from '../multihost/cluster.mjs';
import { Faults } from './faults.mjs';
import { Load } from './load.mjs';
import { LoopbackCluster } from './loopback.mjs';
import { planOf } from './plan.mjs';
import { judgeLimit, judgeVariant } from './verdict.mjs';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '600' },
    seed: { type: 'string' },
    loopback: { type: 'boolean', default: false },
  },
});
const seconds = Number(values.seconds);
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const onHosts = Boolean(process.env.MULTIHOST_WORLD);
const skipped = 77;

const began = performance.now();

function tell(line) {
  console.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${line}`);
}

/** Does all of it in a world of its own, if this machine lets us; returns the exit status. */
function inWorld() {
  const file = (name) => fileURLToPath(new URL(name, import.meta.url));
  const { status } = spawnSync(process.execPath, [
    file('../multihost/inside.mjs'), '--plain', file('chaos.mjs'), '--seconds', `${seconds}`,
    '--seed', `${seed}`,
  ], { stdio: 'inherit' });
  return status ?? 1;
}

/** Plays the faults; returns what was found, one line each. */
async function wreakHavoc(cluster) {
  const size = seconds < 120 ? { connections: 4, each: 5 } : { connections: 4, each: 10 };
  const load = await Load.start(cluster, size);
  tell(`${load.variants.length} variants write; faults begin`);
  const counts = await new Faults(cluster, tell)
    .play(planOf(seed, seconds, { canCut: cluster.canCut }));
  tell('faults are over');
  await cluster.settled(120_000);
  await load.stop();
  await load.lastRound();
  tell('everything is at rest; judging');
  const found = judgeLimit(await load.crowdFull());
  let records = 0;
  let runs = 0;
  for (const variant of load.variants) {
    const story = await load.storyOf(variant);
    records += story.records.length;
    runs += story.runs.filter(({ what }) => what === 'started').length;
    const faults = judgeVariant(story);
    found.push(...faults.map((fault) => `${variant.connection}/${variant.variant}: ${fault}`));
  }
  report({ counts, load, records, runs });
  load.close();
  return found;
}

function report({ counts, load, records, runs }) {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  console.log(`\n${total} faults: ${Object.entries(counts).map(([what, count]) =>
    `${count} ${what}`).join(', ')}`);
  console.log(`${runs} runs, ${records} records, ${load.acknowledged} of them acknowledged; `
    + Object.entries(load.counts).map(([what, count]) => `${count} ${what}`).join(', '));
}

async function main() {
  console.log(`chaos: seed ${seed}, ${seconds} seconds, on ${onHosts ? 'hosts' : 'loopback'}`);
  const cluster = onHosts ? await HostCluster.start() : await LoopbackCluster.start();
  try {
    const found = await wreakHavoc(cluster);
    for (const line of found.slice(0, 50)) console.log(`BROKEN  ${line}`);
    if (found.length > 0) {
      console.log(`${cluster.journals(40)}\n${found.length} things are broken; seed ${seed}`);
      return 1;
    }
    console.log('no run interleaved, no record lost or doubled, checkpoints right, limit kept');
    return 0;
  } catch (error) {
    console.log(`BROKEN  ${error.stack}\nseed ${seed}`);
    return 1;
  } finally {
    await cluster.stop();
  }
}

let status = skipped;
if (!onHosts && !values.loopback) status = inWorld();
if (status === skipped) status = await main();
process.exit(status);
