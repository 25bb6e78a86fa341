// Measures how long a cluster needs to get over the loss of a part of it, and prints the table of
// docs/operations.md. To be run as root through tests/multihost/inside.mjs; `make failover` does.
//
//   node failover_times.mjs [--trials 30] [--variants 100,10000] [--only REGEXP]

import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { until } from '../e2e/support.mjs';
import { HostCluster } from '../multihost/cluster.mjs';
import { Pulse } from './pulse.mjs';

const { values } = parseArgs({
  options: {
    trials: { type: 'string', default: '30' },
    variants: { type: 'string', default: '100,10000' },
    only: { type: 'string', default: '' },
  },
});
const trials = Number(values.trials);
const runningVariants = 20;
const patience = 60_000;

const hits = {
  killed: [(node) => node.crash(), (node) => node.start()],
  frozen: [(node) => node.freeze(), (node) => node.thaw()],
  'cut off': [(node) => node.cut(), (node) => node.heal()],
};

/** Returns the status at the first coordinator that answers. */
async function statusOf(cluster) {
  const all = await cluster.statuses(500);
  return all.find((now) => now?.leader);
}

/** Waits until all variants have a living worker that is not this one; returns the moment. */
function rehosted(cluster, worker) {
  return until(async () => {
    const now = await statusOf(cluster);
    const gone = now?.workers.find((one) => one.worker === worker);
    const left = gone?.alive && gone.duty === 'active';
    return now && !left && (gone?.variants ?? 0) === 0 && now.unplaced === 0
      ? performance.now() : undefined;
  }, { timeout: patience, every: 10, what: 'all to be hosted', detail: () => cluster.journals() });
}

/** Waits until these variants beat after a moment; returns when the last of them did. */
function resumed(cluster, pulse, which, since) {
  return until(() => pulse.resumed(which, since), {
    timeout: patience, every: 10, what: 'all to beat again', detail: () => cluster.journals(),
  });
}

/** The worker with most of what runs, and which variants those are. */
async function busiest(cluster, pulse) {
  const places = await pulse.places();
  const [node, which] = cluster.workers
    .map((each) => [each, pulse.running.filter((one) => places.get(one) === each.name)])
    .sort(([, a], [, b]) => b.length - a.length)[0];
  return { node, which };
}

/** A worker is lost: until all of its variants are hosted, and until those that ran go on. */
async function worker(cluster, pulse, [hit, mend]) {
  const { node: victim, which } = await busiest(cluster, pulse);
  const began = performance.now();
  await hit(victim);
  const struck = performance.now();
  try {
    const hosted = await rehosted(cluster, victim.name);
    const running = await resumed(cluster, pulse, which, struck + 50);
    return { hosted: hosted - began, running: Math.max(running - began, 0) };
  } finally {
    await mend(victim);
  }
}

/** The leader is lost: until the other one has carried out a command. */
async function coordinator(cluster, pulse, [hit, mend]) {
  const leader = await until(() => cluster.leader(), { timeout: patience, what: 'a leader' });
  const other = cluster.coordinators.find((node) => node !== leader);
  const began = performance.now();
  await hit(leader);
  try {
    return { hosted: await commanded(cluster.api(other), pulse, began), running: undefined };
  } finally {
    await mend(leader);
  }
}

async function commanded(api, pulse, began) {
  const { connection, variant } = pulse.running[0];
  await until(async () => {
    const answer = await api.call('PUT', '/sync/update-connection-frequency', {
      patience: 1000,
      body: {
        provider_config_key: 'pulse', connection_id: connection, sync_name: 'pulse',
        sync_variant: variant, frequency: 'every 1d',
      },
    }).catch(() => null);
    return answer?.status === 200;
  }, { timeout: patience, every: 10, what: 'a command to succeed' });
  return performance.now() - began;
}

/** The lead changes hands by command: until the new leader has carried out a command. */
async function promoted(cluster, pulse) {
  const leader = await until(() => cluster.leader(), { timeout: patience, what: 'a leader' });
  const other = cluster.coordinators.find((node) => node !== leader);
  const name = await cluster.nameOf(other);
  const began = performance.now();
  await expectDone(cluster.api().call('POST', '/varia/coordinators/promote', {
    body: { coordinator: name },
  }));
  await until(async () => (await cluster.leader()) === other, {
    timeout: patience, every: 10, what: 'the new leader',
  });
  return { hosted: await commanded(cluster.api(other), pulse, began), running: undefined };
}

/** A worker is drained: until it hosts nothing, and how long what ran there stood still at most. */
async function drained(cluster, pulse) {
  const { node: victim, which } = await busiest(cluster, pulse);
  const began = performance.now();
  await expectDone(cluster.api().call('POST', '/varia/workers/drain', {
    body: { worker: victim.name, deadline_s: 30 },
  }));
  try {
    const hosted = await rehosted(cluster, victim.name);
    await resumed(cluster, pulse, which, hosted);
    const end = performance.now();
    return {
      hosted: hosted - began,
      running: Math.max(...which.map((one) => pulse.silence(one, began, end))),
    };
  } finally {
    await expectDone(cluster.api().call('POST', '/varia/workers/uncordon', {
      body: { worker: victim.name },
    }));
  }
}

/** A running variant moves: how long it stood still. */
async function moved(cluster, pulse) {
  const { node: from, which: [one] } = await busiest(cluster, pulse);
  const to = cluster.workers.find((node) => node !== from);
  const began = performance.now();
  await expectDone(pulse.move(one, to.name));
  const hosted = await until(async () =>
    ((await pulse.places()).get(one) === to.name ? performance.now() : undefined), {
    timeout: patience, every: 10, what: 'the variant to move', detail: () => cluster.journals(),
  });
  await resumed(cluster, pulse, [one], hosted);
  return { hosted: undefined, running: pulse.silence(one, began, performance.now()) };
}

async function expectDone(call) {
  const { status, text } = await call;
  if (status >= 300) throw new Error(`answered ${status} ${text}`);
}

const cases = [
  ...Object.entries(hits).map(([what, hit]) =>
    [`worker ${what}`, (cluster, pulse) => worker(cluster, pulse, hit)]),
  ...Object.entries(hits).map(([what, hit]) =>
    [`coordinator ${what}`, (cluster, pulse) => coordinator(cluster, pulse, hit)]),
  ['leader changed by command', promoted],
  ['worker drained', drained],
  ['variant moved', moved],
].filter(([name]) => new RegExp(values.only).test(name));

function percentile(numbers, part) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * part) - 1)];
}

function cell(numbers, part) {
  const there = numbers.filter((number) => number !== undefined);
  return there.length === 0 ? '' : (percentile(there, part) / 1000).toFixed(2);
}

// A worker that came back is to have its share again, of what does not run.
async function evenOut(cluster) {
  await until(async () => {
    const { status, body } = await cluster.api().call('POST', '/varia/rebalance');
    return status === 200 && body.moves.length <= runningVariants;
  }, { timeout: patience, every: 200, what: 'the workers to be even' });
}

async function measure(cluster, pulse, [name, trial], count) {
  const results = [];
  for (let number = 0; number < trials; number += 1) {
    await cluster.settled(patience);
    await pulse.beat();
    await evenOut(cluster);
    const result = await trial(cluster, pulse);
    results.push(result);
    process.stderr.write(`${name}, ${count} variants, ${number + 1}/${trials}: `
      + `${Math.round(result.hosted ?? 0)} / ${Math.round(result.running ?? 0)} ms\n`);
    await sleep(Math.random() * 1000); // So that trials fall on all parts of a beat.
  }
  const columns = ['hosted', 'running'].flatMap((key) => [0.5, 0.99].map((part) =>
    cell(results.map((result) => result[key]), part)));
  return `| ${name} | ${count} | ${results.length} | ${columns.join(' | ')} |`;
}

async function main() {
  const rows = [];
  for (const count of values.variants.split(',').map(Number)) {
    const cluster = await HostCluster.start();
    try {
      const pulse = await Pulse.start(cluster, { count, running: runningVariants });
      for (const one of cases) rows.push(await measure(cluster, pulse, one, count));
      pulse.stop();
    } finally {
      await cluster.stop();
    }
  }
  console.log('| case | variants | trials | done p50 s | done p99 s | still p50 s | still p99 s |');
  console.log('|---|---|---|---|---|---|---|');
  console.log(rows.join('\n'));
}

await main();
process.exit(0);
