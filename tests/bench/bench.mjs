// Measures Varia through its public interface, prints a table, and writes build/bench.json.
//
//   node tests/bench/bench.mjs [--only NAME,...]
//
// With --only, the file is left as it is.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { table } from '../../examples/debian/lib/table.mjs';
import { root } from '../e2e/support.mjs';
import { apiNames } from './api.mjs';
import { measures } from './measures.mjs';

const patience = 180_000;
const { values: flags } = parseArgs({ options: { only: { type: 'string', default: '' } } });
const wanted = flags.only.split(',').filter(Boolean);

async function measure(one) {
  const cleanups = [];
  const scope = { after: (task) => cleanups.push(task) };
  const timer = new AbortController();
  const late = sleep(patience, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`no result after ${patience / 1000} s`);
  });
  late.catch(() => {});
  try {
    return await Promise.race([one.run(scope), late]);
  } catch (error) {
    console.error(`${one.names.join(', ')}: ${error.message}`);
    return one.names.map((name) => ({ name, value: null, note: error.message.split('\n', 1)[0] }));
  } finally {
    timer.abort();
    for (const task of cleanups.reverse()) await task();
  }
}

// A row may have another goal than its name has in general.
function judged({ name, value, note = '', goal = goals[name].goal }) {
  const { unit, atMost = false } = goals[name];
  const met = goal === undefined ? undefined
    : value !== null && (atMost ? value <= goal : value >= goal);
  return { name, value: value && Number(value.toPrecision(4)), unit, goal, met, note };
}

function numberText(value) {
  return (value?.toLocaleString('en') ?? 'none').padStart(8);
}

// What has no goal is there to show how it grows.
const growing = ['10k', '100k', '1m'].flatMap((count) => [
  [`insert_per_s_${count}`, { unit: 'records/s' }],
  [`unchanged_per_s_${count}`, { unit: 'records/s' }],
  [`changed_per_s_${count}`, { unit: 'records/s' }],
  [`record_bytes_${count}`, { unit: 'bytes' }],
  [`page_us_${count}`, { unit: 'us' }],
]);

const goals = {
  commit_ratio: { unit: 'ratio', goal: 0.8 },
  script_records_per_s: { unit: 'records/s', goal: 60_000 },
  script_records_small_per_s: { unit: 'records/s', goal: 30_000 },
  script_unchanged_per_s: { unit: 'records/s', goal: 90_000 },
  script_changed_per_s: { unit: 'records/s', goal: 50_000 },
  hundred_variants_s: { unit: 's', goal: 1, atMost: true },
  trigger_p50_ms: { unit: 'ms', goal: 5, atMost: true },
  trigger_p99_ms: { unit: 'ms', goal: 20, atMost: true },
  create_per_s: { unit: 'variants/s', goal: 1000 },
  pages_per_s: { unit: 'pages/s', goal: 3000 },
  page_ratio: { unit: 'ratio', goal: 0.5 },
  memory_mb: { unit: 'MB', goal: 150, atMost: true },
  idle_variant_bytes: { unit: 'bytes', goal: 4096, atMost: true },
  run_start_cold_ms: { unit: 'ms', goal: 150, atMost: true },
  run_start_warm_ms: { unit: 'ms', goal: 10, atMost: true },
  run_memory_mb: { unit: 'MB', goal: 5, atMost: true },
  hog_delay_ms: { unit: 'ms', goal: 50, atMost: true },
  sibling_delay_ratio: { unit: 'ratio', goal: 1.1, atMost: true },
  budget_refused: { unit: 'requests', goal: 0, atMost: true },
  budget_share: { unit: 'ratio', goal: 0.95 },
  ...Object.fromEntries(growing),
  ...Object.fromEntries(apiNames.map((name) => [name, { unit: 'requests/s' }])),
};

function goalText({ name, goal }) {
  if (goal === undefined) return '';
  return `${goals[name].atMost ? '<=' : '>='} ${goal.toLocaleString('en')}`;
}

const results = [];
for (const one of measures) {
  if (wanted.length > 0 && !one.names.some((name) => wanted.includes(name))) continue;
  console.log(`measuring ${one.names.join(', ')} ...`);
  for (const row of await measure(one)) results.push(judged(row));
}
if (wanted.length === 0) {
  await writeFile(join(root, 'build/bench.json'), `${JSON.stringify(results, null, 2)}\n`);
}
const verdicts = new Map([[true, 'yes'], [false, 'no'], [undefined, '']]);
console.log(`\n${table(['name', 'value', 'unit', 'goal', 'met', 'note'],
  results.map((row) => [row.name, numberText(row.value), row.unit, goalText(row),
    verdicts.get(row.met), row.note]))}`);
process.exit(results.some(({ value }) => value === null) ? 1 : 0);
