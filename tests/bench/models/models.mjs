// Compares ways to keep the records of a variant in Redis, prints tables, and writes
// build/models.json. docs/decisions/0007 tells what was chosen.
//
//   node tests/bench/models/models.mjs [--models NAME,...] [--sizes BYTES,...] [--counts N,...]
//
// With any of these, the file is left as it is. All of it takes half an hour, 7 GB of memory and
// 9 GB of the disk of temporary files.

import { mkdir, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { table } from '../../../examples/debian/lib/table.mjs';
import { measure, models } from './measure.mjs';

const build = fileURLToPath(new URL('../../../build', import.meta.url));
const option = { type: 'string', default: '' };
const { values: flags } = parseArgs({ options: { models: option, sizes: option, counts: option } });
const known = Object.keys(models);
const listOf = (text, all) => (text === '' ? all : text.split(','));

/** All cases in the order in which they are run: models by turns, so that load falls on all. */
function cases() {
  const result = [];
  for (const count of listOf(flags.counts, [1_000_000, 100_000, 10_000]).map(Number)) {
    for (const size of listOf(flags.sizes, [300, 4096]).map(Number)) {
      for (const repeat of count * size < 5e7 ? [1, 2, 3] : [1]) {
        for (const model of listOf(flags.models, known)) {
          for (const batch of count > 100_000 ? [1000] : [100, 1000]) {
            // Ten rounds of the largest would take as long as all the rest.
            const wear = repeat === 1 && batch === 1000 && count >= 100_000 && count * size < 1e9;
            result.push({ model, size, count, batch, repeat, wear });
          }
        }
      }
    }
  }
  return result;
}

/** Makes one of several equal cases: the median of each figure, by its place in the tree. */
function merged(results) {
  const [first] = results.filter((one) => one !== undefined);
  if (typeof first === 'number') return results.toSorted((a, b) => a - b)[results.length >> 1];
  if (typeof first !== 'object') return first;
  return Object.fromEntries(Object.keys(first).map((name) =>
    [name, merged(results.map((one) => one?.[name]).filter((value) => value !== undefined))]));
}

function speedTable(results) {
  const heading = ['model', 'bytes', 'records', 'batch', 'insert/s', 'same/s', 'tenth/s', 'all/s',
    'insert us', 'same us', 'tenth us', 'all us', 'log all', 'B/record', 'read/s', 'longest ms'];
  return table(heading, results.map(({ one, passes, memory, read, longestMs }) => [
    one.model, one.size, one.count, one.batch,
    ...Object.values(passes).map(({ perSecond }) => Math.round(perSecond)),
    ...Object.values(passes).map(({ cpuUs }) => cpuUs),
    Math.round(passes.updated.logBytes), Math.round(memory.bytesPerRecord),
    Math.round(read.perSecond), longestMs]));
}

function wearTable(results) {
  const of = (memory) => [Math.round(memory.bytesPerRecord), memory.fragmentation,
    memory.allocatorFragmentation];
  const times = ['new', 'amid', 'ten rounds'];
  const heading = ['model', 'bytes', 'records',
    ...times.flatMap((time) => [`B/record ${time}`, 'rss/used', 'allocator'])];
  return table(heading, results.map(({ one, memory, worn }) =>
    [one.model, one.size, one.count, ...of(memory), ...of(worn.amid), ...of(worn.after)]));
}

function unlinkTable(results) {
  const heading = ['model', 'bytes', 'records', 'UNLINK ms', 'freed ms', 'worst PING ms',
    'worst PING before'];
  return table(heading, results.map(({ one, unlink }) =>
    [one.model, one.size, one.count, unlink.callMs, unlink.freedMs, unlink.worstPingMs,
      unlink.usualMs]));
}

/** Prints what was measured so far, the models side by side. */
function report(results) {
  console.log(`\n${speedTable(results)}`);
  const worn = results.filter((one) => one.worn);
  if (worn.length > 0) console.log(`\n${wearTable(worn)}`);
  const large = results.filter(({ one }) => one.batch === 1000 && one.count >= 100_000);
  if (large.length > 0) console.log(`\n${unlinkTable(large)}`);
  console.log('\nus: processor time per record of the main thread; log: bytes appended to');
  console.log('the log per record; medians of three runs for less than 50 MB of records.');
}

const strange = listOf(flags.models, known).filter((name) => !known.includes(name));
if (strange.length > 0) throw new Error(`no model ${strange}; there are ${known}`);
const groups = new Map();
const resultsNow = () => [...groups.values()].map(merged).sort((a, b) =>
  a.one.size - b.one.size || a.one.count - b.one.count || a.one.batch - b.one.batch);
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    report(resultsNow());
    process.exit(1);
  });
}
const loadNow = () => loadavg()[0].toFixed(1);
const load = loadNow();
console.log(`load average ${load}`);
for (const one of cases()) {
  const { repeat, wear, ...rest } = one;
  const begin = performance.now();
  const name = Object.values(rest).join(' ');
  groups.set(name, [...(groups.get(name) ?? []), { one: rest, ...(await measure(one)) }]);
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  console.log(`${name}${wear ? ' and ten rounds' : ''}: ${seconds} s, load ${loadNow()}`);
}
const results = resultsNow();
report(results);
if (Object.values(flags).every((value) => value === '')) {
  await mkdir(build, { recursive: true });
  const figures = { loadBefore: load, loadAfter: loadNow(), results };
  await writeFile(`${build}/models.json`, `${JSON.stringify(figures, null, 2)}\n`);
}
