// The public command line, unchanged, against Varia: it compiles, deploys and tries out a project.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { before, test } from 'node:test';

import { apiKey, root, serve, temporaryFolder, Varia, wholeFile } from './support.mjs';

const file = wholeFile();
const modules = join(root, 'tests/e2e/node_modules');
const key = 'tracker';
const connection = 'c-1';
const issues = [[{ id: 1, title: 'rain' }, { id: 2, title: 'hail' }], [{ id: 3, title: 'fog' }]];
const posted = [];
let varia;
let project;
let home;

const provider = createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://provider');
  response.setHeader('content-type', 'application/json');
  if (request.method === 'POST') {
    const parts = [];
    for await (const part of request) parts.push(part);
    posted.push([pathname, Buffer.concat(parts).toString()]);
    response.end('{"id":77}');
    return;
  }
  response.end(JSON.stringify({ rows: issues[Number(searchParams.get('page'))] ?? [] }));
});

/** Runs the command line in the project; returns `{ code, text }`. */
function nango(...words) {
  const environment = {
    PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
    HOME: home,
    NO_COLOR: '1',
    NANGO_HOSTPORT: varia.url,
    NANGO_SECRET_KEY_DEV: apiKey,
    NANGO_CLI_UPGRADE_MODE: 'ignore',
  };
  const quiet = ['--no-telemetry', '--no-interactive', '--no-dependency-update'];
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [join(modules, 'nango/dist/index.js'), ...words, ...quiet],
      { cwd: project, env: environment, timeout: 240_000, killSignal: 'SIGKILL' },
      (error, output, errors) => {
        resolve({ code: error ? (error.code ?? 1) : 0, text: output + errors });
      },
    );
    child.stdin.end();
  });
}

async function succeeds(...words) {
  const { code, text } = await nango(...words);
  assert.equal(code, 0, text);
  return text;
}

async function rewrite(name, change) {
  const path = join(project, name);
  await writeFile(path, change(await readFile(path, 'utf8')));
}

async function functions() {
  const { body } = await varia.call('GET', '/varia/functions');
  return body.functions.map(({ type, name, version }) => `${type} ${name} ${version}`);
}

async function titles(variant) {
  const records = await varia.records(connection, 'Issue', variant, { key });
  return records.map(({ title }) => title).sort();
}

before(async () => {
  home = await temporaryFolder(file);
  project = join(home, 'project');
  await cp(join(root, 'tests/e2e/cli_project'), project, { recursive: true });
  await mkdir(join(project, '.nango'));
  await symlink(modules, join(project, 'node_modules'));
  varia = await Varia.start(file, { project: null, workers: 1 });
  const baseUrl = await serve(file, provider);
  await varia.connect({ connection, key, baseUrl, metadata: { prefix: 'the ' } });
});

test('a project is compiled and deployed', async () => {
  const text = await succeeds('deploy', 'dev', '--auto-confirm');
  assert.match(text, /tracker → issues/);
  assert.match(text, /Successfully deployed/);
  assert.deepEqual(await functions(), [
    'action create-issue 1.0.0', 'sync issues 0.0.1', 'sync labels 0.0.1', 'on-event welcome 0.0.1',
  ]);
  const { body } = await varia.call('GET', `/integrations/${key}/functions/issues/code`);
  assert.equal(body.code, await readFile(join(project, 'tracker/syncs/issues.ts'), 'utf8'));
});

test('what it compiled runs in every variant', async () => {
  await varia.create(connection, 'issues', 'north', key);
  const { status } = await varia.run(connection, 'issues', 'north', { key });
  assert.equal(status, 'PAUSED'); // The script does not start by itself.
  assert.deepEqual(await titles('north'), ['the fog, north', 'the hail, north', 'the rain, north']);
  assert.deepEqual(await titles('base'), []);
});

test('a dry run of a sync shows what it would do, and does nothing', async () => {
  const text = await succeeds('dryrun', 'issues', connection, '-e', 'dev', '--variant', 'south',
    '--checkpoint', '{"page":1}', '--metadata', '{"prefix":"a "}', '--save');
  assert.match(text, /"a fog, south"/);
  assert.doesNotMatch(text, /rain/);
  assert.ok(existsSync(join(project, 'tracker/tests/issues.test.json')));
  assert.deepEqual(await titles('south'), []);
});

test('a dry run of an action asks the provider', async () => {
  const text = await succeeds('dryrun', 'create-issue', connection, '-e', 'dev', '--input',
    '{"title":"snow"}');
  assert.match(text, /"id": "77"/);
  assert.deepEqual(posted.splice(0), [['/issues', '{"title":"snow"}']]);
});

test('one function is deployed without the others', async () => {
  await rewrite('shared/shape.ts', (text) => text.replace('raw.title', 'raw.title.toUpperCase()'));
  await succeeds('deploy', 'dev', '--sync', 'issues');
  assert.deepEqual(await functions(), [
    'action create-issue 1.0.0', 'sync issues 0.0.2', 'sync labels 0.0.1', 'on-event welcome 0.0.1',
  ]);
  await varia.run(connection, 'issues', 'north', { key });
  assert.deepEqual(await titles('north'), ['the FOG, north', 'the HAIL, north', 'the RAIN, north']);
});

test('a function that is gone from the project goes with its variants, if that is wanted',
  async () => {
    await varia.create(connection, 'labels', 'north', key);
    await rewrite('index.ts', (text) => text.replace(/.*labels.*\n/, ''));
    await rm(join(project, 'tracker/syncs/labels.ts'));
    const asked = await nango('deploy', 'dev'); // Nobody is there to say yes.
    assert.match(asked.text, /tracker → labels +\(1 impacted connections\)/);
    assert.doesNotMatch(asked.text, /Deployed/);
    assert.ok(await varia.status(connection, 'labels', 'north', key));
    const text = await succeeds('deploy', 'dev', '--auto-confirm', '--allow-destructive');
    assert.match(text, /tracker → labels/);
    assert.deepEqual(await functions(), [
      'action create-issue 1.0.0', 'sync issues 0.0.2', 'on-event welcome 0.0.1',
    ]);
    assert.equal(await varia.status(connection, 'labels', 'north', key), undefined);
    assert.ok(await varia.status(connection, 'issues', 'north', key));
  });
