// The console as people use it: the verbs at a shell, and the prompt in a terminal.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { before, test } from 'node:test';

import { answers } from './console_verbs.mjs';
import { Description } from './openapi.mjs';
import {
  apiKey, integration, program, root, temporaryFolder, until, Varia, wholeFile,
} from './support.mjs';
import { Terminal } from './terminal.mjs';

const file = wholeFile();
const sync = 'items';
let varia;
let connection;
let home;

/** The environment of somebody who has a folder of their own and nothing in it. */
function environment(more = {}) {
  return {
    HOME: home, XDG_CONFIG_HOME: '', XDG_STATE_HOME: '', LANG: 'C.UTF-8', NO_COLOR: '',
    VARIA_URL: varia.url, VARIA_API_KEY: apiKey, ...more,
  };
}

/** Runs `varia` with words; returns `{ code, out, errors }`. */
function run(words, { env = {}, input = '' } = {}) {
  return new Promise((resolve) => {
    const child = execFile(program, words, {
      env: { ...process.env, ...environment(env) }, timeout: 30_000, killSignal: 'SIGKILL',
    }, (error, out, errors) => resolve({ code: error ? error.code : 0, out, errors }));
    child.stdin.on('error', () => {}); // It may end before it has read anything.
    child.stdin.end(input);
  });
}

async function succeeds(...words) {
  const { code, out, errors } = await run(words);
  assert.equal(code, 0, `${words.join(' ')}: ${errors}`);
  return out;
}

const json = async (...words) => JSON.parse(await succeeds(...words, '-o', 'json'));

const completions = async (...words) =>
  (await run(['complete', ...words])).out.split('\n').filter(Boolean);

async function leaves(above = []) {
  const inner = await completions(...above, '');
  const all = await Promise.all(inner.map(async (name) => {
    const help = await run([...above, name, '--help']);
    return /^Subcommands:/m.test(help.out) ? leaves([...above, name])
      : [[...above, name].join(' ')];
  }));
  return all.flat();
}

const statuses = async () => Object.fromEntries((await json('variants', 'list')).variants
  .map(({ variant, status }) => [variant, status]));

before(async () => {
  home = await temporaryFolder(file);
  varia = await Varia.start(file, { workers: 1 });
  connection = await varia.connect();
  for (const name of ['eu-1', 'eu-2', 'us-1']) await varia.create(connection, sync, name);
  await varia.run(connection, sync, 'eu-1');
});

test('every verb answers what the description of the API says', async () => {
  const description = await Description.of(varia.url);
  const table = answers({ integration, connection, sync, key: apiKey });
  const known = new Set(Object.keys(table));
  const unknown = (await leaves()).filter((words) => !known.has(words));
  assert.deepEqual(unknown, [], 'verbs without a row');
  const places = Object.values(table).flatMap(({ where }) => where ?? []);
  const files = new Set(await readdir(join(root, 'tests'), { recursive: true })
    .then((names) => names.map((name) => basename(name))));
  assert.deepEqual(places.filter((name) => !files.has(name)), [], 'tests that are not there');
  for (const [words, row] of Object.entries(table)) {
    if (!row.asks) continue;
    const [method, path] = row.asks.split(' ');
    const body = await json(...words.split(' '), ...(row.words ?? []));
    assert.deepEqual(description.answerFaults(method, path, row.status ?? 200, body), [], words);
  }
});

test('words may be given by their places or as options', async () => {
  const byPlace = await json('variants', 'runs', integration, connection, sync, 'eu-1');
  const byOption = await json('variants', 'runs', '--variant', 'eu-1', '--sync', sync,
    '--connection', connection, '--integration', integration);
  const mixed = await json('variants', 'runs', '--variant', 'eu-1', integration, connection, sync);
  assert.ok(byPlace.runs.length > 0);
  assert.deepEqual(byOption, byPlace);
  assert.deepEqual(mixed, byPlace);
});

test('output comes in five forms, and has no colours in a pipe', async () => {
  const list = ['variants', 'list', '--connection', connection];
  const rows = (await json(...list)).variants;
  const lines = (await succeeds(...list, '-o', 'jsonl')).trimEnd().split('\n');
  assert.deepEqual(lines.map((line) => JSON.parse(line)), rows);
  const csv = (await succeeds(...list, '-o', 'csv')).trimEnd().split('\r\n');
  assert.equal(csv.length, rows.length + 1);
  assert.match(csv[0], /^INTEGRATION,CONNECTION,SYNC,VARIANT,STATUS,/);
  const table = await succeeds(...list);
  assert.match(table, /^INTEGRATION +CONNECTION +SYNC/);
  assert.doesNotMatch(table, /\x1b/);
  const wide = await succeeds(...list, '-o', 'wide');
  assert.ok(wide.split('\n')[0].length > table.split('\n')[0].length);
  assert.equal((await succeeds(...list, '--quiet')).trimEnd().split('\n').length, rows.length);
});

test('the exit code tells what went wrong', async () => {
  const code = async (words, options) => (await run(words, options)).code;
  assert.equal(await code(['variants', 'list', '--nonsense']), 2);
  assert.equal(await code(['variants', 'log', integration, connection]), 2);
  assert.equal(await code(['variants', 'list', '-o', 'yaml']), 2);
  assert.equal(await code(['workers', 'drain', 'nobody']), 3);
  assert.equal(await code(['variants', 'log', integration, 'nobody', sync, 'eu-1']), 3);
  assert.equal(await code(['variants', 'create', integration, connection, sync, 'eu-1']), 4);
  const other = '0b43e2a2-5c6c-4b5e-9d0f-2f3c4d5e6f70';
  assert.equal(await code(['variants', 'list', '--api-key', other]), 1);
  assert.equal(await code(['workers', 'list'], { env: { VARIA_URL: 'http://127.0.0.1:1' } }), 5);
  assert.equal(await code(['workers', 'list', '--context', 'moon']), 3);
});

test('bulk orders tell what they would do, and do it to the selected alone', async () => {
  const all = ['--connection', connection, '--sync', sync];
  assert.equal((await run(['variants', 'pause'])).code, 2);
  assert.equal((await run(['variants', 'pause', '--variant-prefix', 'xx'])).code, 3);
  const started = (await json('variants', 'start', ...all)).results;
  assert.ok(started.length >= 4 && started.every(({ outcome }) => outcome === 'done'));
  const plan = await json('variants', 'pause', ...all, '--variant-prefix', 'eu-', '--dry-run');
  assert.deepEqual(plan.results.map(({ variant, outcome }) => [variant, outcome]),
    [['eu-1', 'planned'], ['eu-2', 'planned']]);
  assert.notEqual((await statuses())['eu-1'], 'PAUSED');
  const done = await json('variants', 'pause', ...all, '--variant-prefix', 'eu-');
  assert.deepEqual(done.results.map(({ outcome }) => outcome), ['done', 'done']);
  await until(async () => {
    const now = await statuses();
    return now['eu-1'] === 'PAUSED' && now['eu-2'] === 'PAUSED' && now['us-1'] !== 'PAUSED';
  }, { what: 'two of three variants to be paused' });
  const paused = await json('variants', 'start', ...all, '--state', 'paused', '--dry-run');
  assert.deepEqual(paused.results.map(({ variant }) => variant).sort(), ['eu-1', 'eu-2']);
});

test('nothing is destroyed that nobody was asked about', async (t) => {
  const words = ['variants', 'delete', '--connection', connection, '--variant', 'us-1'];
  const unasked = await run(words);
  assert.equal(unasked.code, 2);
  assert.match(unasked.errors, /destroys 1 variants .*--yes/);
  const refused = new Terminal(t, words, { env: environment() });
  await refused.shows(/Type yes to go on: /);
  refused.type('no', 'enter');
  assert.equal(await refused.exit(), 1);
  assert.ok('us-1' in await statuses());
  const agreed = new Terminal(t, words, { env: environment() });
  await agreed.shows(/Type yes to go on: /);
  agreed.type('yes', 'enter');
  await agreed.shows(/us-1 +deleted/);
  assert.equal(await agreed.exit(), 0);
  assert.ok(!('us-1' in await statuses()));
});

test('the prompt completes, hints, remembers, and tells where one is', async (t) => {
  const env = environment();
  const terminal = new Terminal(t, ['console'], { env, columns: 160 });
  await terminal.shows(/127\.0\.0\.1:\d+ leader=\S+ e\d+> /);
  terminal.type('work', 'tab');
  terminal.type('li', 'tab', 'enter');
  await terminal.shows(/worker-1 +\S+ +true/);
  terminal.type('variants runs ');
  await terminal.shows(/INTEGRATION CONNECTION SYNC VARIANT/); // The hint.
  terminal.type(integration.slice(0, 2), 'tab');
  terminal.type('c-', 'tab');
  terminal.type(`${sync} eu-`, 'tab', 'tab'); // Two names begin so: both are shown.
  await terminal.shows(/eu-1 +eu-2/);
  terminal.type('1', 'enter');
  await terminal.shows(/AT +RUN +WHAT/);
  terminal.type('workers list --watch=0.3s', 'enter');
  await terminal.shows(/every 0\.3s/);
  terminal.type('', 'interrupt');
  await terminal.shows(/leader=\S+ e\d+> /); // Later requests do not end by it.
  terminal.type('this is given up', 'interrupt');
  await terminal.shows(/\^C/);
  terminal.type('workers list --api-key 3f0c2f5e-7a64-4d2b-9c5e-0a1b2c3d4e5f', 'enter');
  await terminal.shows(/worker-1 +\S+ +true/);
  terminal.type('help variants', 'enter');
  await terminal.shows(/Subcommands:/);
  terminal.type('workers "list', 'enter');
  await terminal.shows(/a quote has no end/);
  terminal.type('', 'end');
  assert.equal(await terminal.exit(), 0);
  const history = await readFile(join(home, '.local/state/varia/history'), 'utf8');
  assert.ok(history.includes(`\nvariants runs ${integration} ${connection} ${sync} eu-1`));
  assert.doesNotMatch(history, /api-key|3f0c2f5e/);
  assert.equal((await stat(join(home, '.local/state/varia/history'))).mode & 0o777, 0o600);

  const again = new Terminal(t, ['console'], { env });
  await again.shows(/> /);
  again.type('', 'up');
  await again.shows(/workers list --watch/);
  again.type('', 'interrupt', 'end');
  assert.equal(await again.exit(), 0);
});

test('the console runs lines that it reads, and tells whether one failed', async () => {
  const good = await run(['console'], { input: '# a remark\nworkers list -o json\n' });
  assert.equal(good.code, 0, good.errors);
  assert.equal(JSON.parse(good.out).workers.length, 1);
  const bad = await run(['console'], { input: 'workers drain nobody\nworkers list\nexit\nno\n' });
  assert.equal(bad.code, 3);
  assert.match(bad.out, /worker-1/);
});

test('what is watched is asked for again until Ctrl-C', async (t) => {
  const terminal = new Terminal(t, ['workers', 'list', '--watch=0.3s'], { env: environment() });
  await terminal.shows(/every 0\.3s[^]*worker-1[^]*every 0\.3s[^]*worker-1/);
  terminal.type('', 'interrupt');
  assert.equal(await terminal.exit(), 0);
  assert.equal((await run(['workers', 'list', '--watch=x'])).code, 2);
  assert.equal((await run(['workers', 'cordon', 'w', '--watch'])).code, 2);
});

test('a log is followed as it grows', async (t) => {
  const telling = await varia.connect({ metadata: { 'followed.behaviour': 'tell' } });
  await varia.create(telling, 'behave', 'followed');
  const terminal = new Terminal(t, [
    'variants', 'log', integration, telling, 'behave', 'followed', '--follow',
  ], { env: environment(), columns: 200 });
  for (let run = 0; run < 2; run += 1) {
    await varia.run(telling, 'behave', 'followed');
    await terminal.shows(/line one\s[^]*line two\s[^]*line three\s/);
  }
  terminal.type('', 'interrupt');
  assert.equal(await terminal.exit(), 0);
});

test('a table fits its terminal, and has colours there unless they are not wanted', async (t) => {
  const words = ['variants', 'list', '--connection', connection];
  const narrow = new Terminal(t, words, { env: environment({ NO_COLOR: '1' }), columns: 60 });
  assert.equal(await narrow.exit(), 0);
  assert.doesNotMatch(narrow.screen, /\x1b/);
  const widest = Math.max(...narrow.screen.split('\r\n').map((line) => [...line].length));
  assert.ok(widest > 40 && widest <= 60, `a line of ${widest} columns:\n${narrow.screen}`);
  const coloured = new Terminal(t, words, { env: environment() });
  assert.equal(await coloured.exit(), 0);
  assert.match(coloured.screen, /\x1b\[1mINTEGRATION/);
});

test('servers have names, and their keys stay where they belong', async () => {
  const env = { VARIA_URL: undefined, VARIA_API_KEY: undefined };
  const names = (...words) => run(['context', ...words], { env, input: `${apiKey}\n` });
  assert.equal((await names('set', 'here', '--url', varia.url, '--api-key-stdin')).code, 0);
  assert.equal((await names('set', 'moon', '--url', 'http://127.0.0.1:1')).code, 0);
  const list = await names('list', '-o', 'json');
  assert.deepEqual(JSON.parse(list.out).contexts.map(({ name, current, key }) =>
    [name, current, key]), [['here', true, 'kept'], ['moon', false, 'none']]);
  assert.doesNotMatch(list.out, new RegExp(apiKey));
  assert.equal((await stat(join(home, '.config/varia/config.toml'))).mode & 0o777, 0o600);
  assert.equal((await run(['workers', 'list'], { env })).code, 0);
  assert.equal((await run(['workers', 'list', '--context', 'moon'], { env })).code, 5);
  assert.deepEqual(await completions('context', 'use', ''), ['here', 'moon']);
  assert.equal((await names('use', 'moon')).code, 0);
  assert.equal((await run(['workers', 'list'], { env })).code, 5);
  assert.equal((await run(['workers', 'list', '--context', 'here'], { env })).code, 0);
  assert.equal((await run(['workers', 'list', '--url', `${varia.url}/`], { env })).code, 1);
  assert.equal((await names('delete', 'moon')).code, 0);
  assert.equal((await names('use', 'moon')).code, 3);
  const keyFile = join(home, 'key');
  await writeFile(keyFile, `${apiKey}\n`);
  assert.equal((await run(['workers', 'list', '--api-key-file', keyFile], { env: {
    VARIA_API_KEY: undefined,
  } })).code, 0);
});

test('a shell completes words and names', async () => {
  assert.deepEqual(await completions('workers', 'l'), ['list']);
  assert.deepEqual(await completions('workers', 'drain', ''), ['worker-1']);
  assert.ok((await completions('variants', 'list', '--connection', '')).includes(connection));
  assert.deepEqual(await completions('variants', 'list', '-o', 'js'), ['json', 'jsonl']);
  const script = `source <(${program} completion bash)
    varia() { ${program} "$@"; }
    COMP_WORDS=(varia workers dr); COMP_CWORD=2; _varia; echo "\${COMPREPLY[@]}"`;
  const { stdout } = await new Promise((resolve) => {
    execFile('bash', ['-c', script], { env: { ...process.env, ...environment() } },
      (error, out) => resolve({ stdout: out }));
  });
  assert.equal(stdout, 'drain\n');
  assert.equal((await run(['completion', 'csh'])).code, 2);
});

test('fish and zsh complete as well', async (t) => {
  const env = environment({ PATH: `${dirname(program)}:${process.env.PATH}` });
  const fish = await new Promise((resolve) => {
    execFile('fish', ['-c', 'varia completion fish | source; complete -C "varia workers dr"'],
      { env: { ...process.env, ...env } }, (error, out, errors) => resolve(out + errors));
  });
  assert.equal(fish.trim(), 'drain');
  const zsh = new Terminal(t, ['-f', '-i'], { command: 'zsh', env });
  zsh.type('autoload -Uz compinit; compinit -u -D; source <(varia completion zsh); echo $((6*7))',
    'enter');
  await zsh.shows(/^42$/m);
  zsh.type('varia workers dr', 'tab');
  await zsh.shows(/varia workers drain/);
});

test('the manual is that of this program, and man has nothing to say against it', async () => {
  const manual = await succeeds('man');
  assert.equal(await readFile(join(root, 'deploy/man/varia.1'), 'utf8'), manual,
    'run: build/release/varia man > deploy/man/varia.1');
  const warnings = await new Promise((resolve) => {
    const child = execFile('groff', ['-man', '-ww', '-z', '-Tutf8'],
      (error, out, errors) => resolve(error ? `${error.message}${errors}` : errors));
    child.stdin.end(manual);
  });
  assert.equal(warnings, '');
});
