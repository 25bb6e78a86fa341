// What must hold after the rounds. The truth comes from apt-cache by a way of its own, not from the
// provider and not from the parser that the provider uses.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const sampleSize = 100;

/** Collects checks: each is printed as it is made, and `ok` tells whether all held. */
export class Checks {
  ok = true;

  add(holds, text) {
    this.ok &&= holds;
    console.log(`${holds ? 'ok     ' : 'FAILED '} ${text}`);
  }
}

/** Counts the packages of each section with awk: `[{ name, count }]`, most packages first. */
export async function sectionsOfApt() {
  const script = `apt-cache dumpavail | awk '
    function count() { if (named) seen[section == "" ? "unknown" : section]++ }
    /^Package: / { named = 1 }
    /^Section: / { section = $2 }
    /^$/ { count(); named = 0; section = "" }
    END { count(); for (name in seen) print name, seen[name] }'`;
  const { stdout } = await run('sh', ['-c', script], { timeout: 60_000, env: plainEnvironment() });
  return stdout.trim().split('\n')
    .map((line) => line.split(' '))
    .map(([name, count]) => ({ name, count: Number(count) }))
    .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
}

/** Reads all records of all variants: `Map` from id to `{ variant, record, times }`. */
export async function readEverything(application) {
  const found = new Map();
  for (const variant of application.variants) {
    for await (const record of application.records(variant)) {
      const known = found.get(record.id);
      if (known) known.times += 1;
      else found.set(record.id, { variant, record, times: 1 });
    }
  }
  return found;
}

/** The same number of packages as apt has, each once and in its section's variant. */
export function checkNumbers(checks, { sections, found, variantOf }) {
  const total = sections.reduce((sum, { count }) => sum + count, 0);
  checks.add(found.size === total,
    `${found.size.toLocaleString('en')} different packages read, apt has ` +
    `${total.toLocaleString('en')}`);
  const twice = [...found.values()].filter(({ times }) => times > 1).length;
  checks.add(twice === 0, `${twice} packages found twice`);
  const counts = new Map();
  for (const { variant } of found.values()) counts.set(variant, (counts.get(variant) ?? 0) + 1);
  const wrong = sections.filter(({ name, count }) => counts.get(variantOf(name)) !== count);
  checks.add(wrong.length === 0,
    wrong.length === 0
      ? `each of the ${sections.length} variants holds exactly its section`
      : `variants with another number than their section: ${wrong.map((x) => x.name).join(', ')}`);
}

/** A sample of packages, spread over all, equals what `apt-cache show` prints, field by field. */
export async function checkSample(checks, found) {
  const all = [...found.values()].map(({ record }) => record);
  const step = Math.max(1, Math.floor(all.length / sampleSize));
  const sample = all.filter((_, i) => i % step === 0).slice(0, sampleSize);
  const shown = await show(sample.map(({ name, architecture }) => [name, architecture]));
  const faults = sample.flatMap((record) => differences(record, shown.get(record.id)));
  checks.add(faults.length === 0 && sample.length === Math.min(sampleSize, all.length),
    `a sample of ${sample.length} packages equals apt-cache show, field by field` +
    (faults.length === 0 ? '' : `, except ${faults.slice(0, 5).join('; ')}`));
}

/** Nothing was added or updated, and no record moved in the change order. */
export function checkNothingChanged(checks, { standings, before, after }) {
  const results = [...standings.values()].map(({ result }) => result);
  const sum = (field) => results.reduce((total, result) => total + (result[field] ?? 0), 0);
  checks.add(sum('added') === 0 && sum('updated') === 0 && sum('deleted') === 0,
    `second round: ${sum('added')} added, ${sum('updated')} updated, ${sum('deleted')} deleted`);
  const cursorOf = (entry) => entry?.record._nango_metadata.cursor;
  const moved = [...before].filter(([id, one]) => cursorOf(after.get(id)) !== cursorOf(one)).length;
  checks.add(moved === 0 && after.size === before.size,
    `second round: ${moved} records moved in the change order`);
}

async function show(names) {
  const wanted = names.map(([name, architecture]) => `${name}:${architecture}`);
  const args = ['show', '--no-all-versions', ...names.map(([name, architecture]) =>
    (architecture === 'all' ? name : `${name}:${architecture}`))];
  const options = { timeout: 60_000, maxBuffer: 1 << 26, env: plainEnvironment() };
  const { stdout } = await run('apt-cache', args, options);
  const shown = stdout.split(/\n\n+/).filter(Boolean).map((stanza) => {
    const field = (name) => stanza.match(new RegExp(`^${name}: ?(.*)$`, 'm'))?.[1];
    return [`${field('Package')}:${field('Architecture')}`, field];
  });
  return new Map(shown.filter(([id]) => wanted.includes(id)));
}

function differences(record, field) {
  if (!field) return [`${record.id} is unknown to apt`];
  const expected = {
    name: field('Package'),
    version: field('Version'),
    section: field('Section') ?? 'unknown',
    architecture: field('Architecture'),
    priority: field('Priority') ?? 'optional',
    maintainer: field('Maintainer') ?? '',
    installed_size: Number(field('Installed-Size') ?? 0),
    size: Number(field('Size') ?? 0),
    description: field('Description(?:-[a-z]+)?') ?? '',
    source: field('Source'),
    depends: field('Depends'),
    homepage: field('Homepage'),
    filename: field('Filename'),
    sha256: field('SHA256') ?? record.sha256,
  };
  return Object.entries(expected)
    .filter(([name, value]) => record[name] !== value)
    .map(([name, value]) => `${record.id} ${name}: ${record[name]}, apt says ${value}`);
}

function plainEnvironment() {
  return { ...process.env, LC_ALL: 'C' };
}
