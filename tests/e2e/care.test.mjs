// What operators look after things with: backups, the debug bundle, why, doctor, and the verbs
// about integrations, connections and metadata.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';

import {
  apiKey, integration, program, temporaryFolder, testProject, until, Varia, wholeFile,
} from './support.mjs';

const file = wholeFile();
const sync = 'items';
const secrets = ['very-secret-key', 'secret-of-a-variable', apiKey];
let varia;
let connection;
let folder;

const environment = (key) =>
  ({ ...process.env, HOME: folder, VARIA_URL: varia.url, VARIA_API_KEY: key });

/** Runs `varia` with words; returns `{ code, out, errors }`. */
function run(words, { key = apiKey, input = '' } = {}) {
  return new Promise((resolve) => {
    const child = execFile(program, words, {
      env: environment(key), timeout: 60_000, killSignal: 'SIGKILL',
    }, (error, out, errors) => resolve({ code: error ? error.code : 0, out, errors }));
    child.stdin.on('error', () => {}); // It may end before it has read anything.
    child.stdin.end(input);
  });
}

async function json(words, options) {
  const { code, out, errors } = await run([...words, '-o', 'json'], options);
  assert.equal(code, 0, `${words.join(' ')}: ${errors}`);
  return JSON.parse(out);
}

/** The key of a new environment. */
async function newEnvironment(name) {
  await json(['environments', 'create', name]);
  return (await json(['keys', 'create', name, 'all', 'environment:*'])).secret;
}

/** How many records the variant has, as somebody with this key sees it. */
const countOf = async (key) =>
  (await json(['records', 'count', integration, connection, sync, 'eu'], { key })).records;

before(async () => {
  folder = await temporaryFolder(file);
  varia = await Varia.start(file, { workers: 1 });
  connection = await varia.connect();
  await varia.create(connection, sync, 'eu');
  await varia.run(connection, sync, 'eu');
  await json(['integrations', 'create', 'keyed', 'api-key',
    '--custom', '{"base_url":"https://api.example.com"}']);
  await json(['connections', 'import', '-'], { input: JSON.stringify({
    provider_config_key: 'keyed', connection_id: 'k1',
    credentials: { type: 'API_KEY', apiKey: secrets[0] }, metadata: { team: 7 },
  }) });
  await varia.call('PUT', '/varia/environment-variables/TOKEN', { body: { value: secrets[1] } });
});

test('connections and metadata are shown and changed, credentials are not shown', async () => {
  assert.equal((await json(['integrations', 'show', 'keyed'])).provider, 'api-key');
  const shown = await run(['connections', 'show', 'keyed', 'k1', '-o', 'json']);
  assert.equal(JSON.parse(shown.out).connection_id, 'k1');
  assert.ok(!shown.out.includes(secrets[0]));
  await json(['metadata', 'merge', 'keyed', 'k1', '{"more":true}']);
  assert.deepEqual(await json(['metadata', 'get', 'keyed', 'k1']), { team: 7, more: true });
  await json(['metadata', 'set', 'keyed', 'k1', '{"team":8}']);
  assert.deepEqual(await json(['metadata', 'get', 'keyed', 'k1']), { team: 8 });
  assert.equal((await run(['metadata', 'get', 'keyed', 'nobody'])).code, 3);
});

test('why is told in sentences, and the doctor ends with what it found', async () => {
  const variant = [integration, connection, sync, 'eu'];
  const told = await run(['why', ...variant]);
  assert.equal(told.code, 0, told.errors);
  assert.match(told.out, /^Placement: .* hosts it/m);
  assert.match(told.out, /^Last run: run \d+ succeeded/m);
  const { checks, verdict } = await json(['doctor']);
  assert.notEqual(verdict, 'bad', JSON.stringify(checks));
  assert.ok(checks.some(({ check, verdict: one }) => check === 'cluster.leader' && one === 'ok'));
  assert.equal((await json(['cluster', 'leader'])).leads, true);
});

test('records are followed until Ctrl-C', async () => {
  const child = spawn(program,
    ['records', 'follow', integration, connection, sync, 'eu', 'Item', '-o', 'jsonl'],
    { env: environment(apiKey), stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', (more) => { out += more; });
  await until(() => out.includes('_nango_metadata'), { timeout: 20_000, what: 'a record' });
  child.kill('SIGINT');
  const [code] = await once(child, 'exit');
  assert.equal(code, 0);
  for (const line of out.trim().split('\n')) assert.ok(JSON.parse(line).id, line);
});

test('a backup is verified and comes back in another environment', async () => {
  const path = join(folder, 'whole.backup');
  assert.equal((await json(['backup', 'save', path, '--secrets'])).secrets, true);
  const { content } = await json(['backup', 'verify', path]);
  assert.ok(content.some(({ type, count }) => type === 'connection' && count === 2));
  const key = await newEnvironment('prod');
  await json(['backup', 'restore', path], { key });
  assert.ok(await countOf(apiKey) > 0);
  assert.equal(await countOf(key), await countOf(apiKey));
  const answer = await varia.call('GET', '/connections/k1?provider_config_key=keyed',
    { auth: `Bearer ${key}` });
  assert.equal(answer.body.credentials.apiKey, secrets[0]);
  const again = await run(['backup', 'restore', path], { key });
  assert.equal(again.code, 4, again.errors);
});

test('a backup that was changed or has no secrets gives none away', async () => {
  const path = join(folder, 'plain.backup');
  await json(['backup', 'save', path]);
  const text = await readFile(path, 'utf8');
  for (const secret of secrets) assert.ok(!text.includes(secret));
  await writeFile(path, text.replace('team', 'tame'));
  const key = await newEnvironment('other');
  const refused = await run(['backup', 'restore', path], { key });
  assert.equal(refused.code, 1);
  assert.match(refused.errors, /its checksum is another one/);
  assert.deepEqual((await json(['integrations', 'list'], { key })).data, []);
});

test('a debug bundle tells how things are, and no secret', async () => {
  const path = join(folder, 'bundle');
  const { files } = await json(['debug', 'bundle', path]);
  const got = files.filter(({ outcome }) => outcome === 'ok').map(({ file: name }) => name);
  for (const name of ['status.json', 'doctor.json', 'settings.json', 'variants.json'])
    assert.ok(got.includes(name), name);
  for (const name of await readdir(path)) {
    const text = await readFile(join(path, name), 'utf8');
    for (const secret of secrets) assert.ok(!text.includes(secret), `${name} has ${secret}`);
  }
  assert.equal((await run(['debug', 'bundle', path])).code, 1, 'a folder that is there');
});

test('a project is deployed, and what is not wanted any more is deleted', async () => {
  const { functions } = await json(['functions', 'deploy', testProject]);
  assert.ok(functions.some(({ name }) => name === sync));
  assert.equal((await run(['connections', 'delete', 'keyed', 'k1'])).code, 2, 'nobody to ask');
  await json(['connections', 'delete', 'keyed', 'k1', '--yes']);
  assert.deepEqual((await json(['connections', 'list', '--integration', 'keyed'])).connections, []);
  await json(['integrations', 'delete', 'keyed', '--yes']);
  assert.equal((await run(['integrations', 'show', 'keyed'])).code, 3);
});
