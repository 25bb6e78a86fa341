// A cluster whose nodes authenticate each other, and those it does not let in.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';

import { Nango } from '@nangohq/node';

import {
  apiKey, Child, freePort, program, temporaryFolder, testProject, until, Varia, wholeFile,
} from './support.mjs';

const file = wholeFile();
const children = [];
let folder;
let redis;
let listen;
let coordinator;
let varia;

function start(name, words, env = {}) {
  const child = new Child(name, name === 'redis' ? 'redis-server' : program, words, { env });
  children.push(child);
  file.after(() => child.stop());
  return child;
}

function authority(name) {
  const dir = join(folder, name);
  execFileSync(program, ['ca', 'init', dir]);
  return dir;
}

function issue(dir, ...names) {
  execFileSync(program, ['ca', 'issue', dir, ...names, '--host', '127.0.0.1']);
}

/** Returns the settings that make a process show the certificate of this name. */
function certificate(dir, name) {
  return [
    `--set=cluster.tls_ca=${join(dir, 'ca.crt')}`,
    `--set=cluster.tls_cert=${join(dir, `${name}.crt`)}`,
    `--set=cluster.tls_key=${join(dir, `${name}.key`)}`,
  ];
}

function startWorker(name, settings) {
  return start(name, ['worker', '--redis', redis, '--join', listen, '--name', name, ...settings]);
}

async function workers() {
  const { body } = await varia.call('GET', '/varia/workers');
  return body.workers.map((one) => one.worker ?? one.name).sort();
}

before(async () => {
  folder = await temporaryFolder(file);
  issue(authority('ca'), 'c1', 'w1', 'w2');
  const redisPort = await freePort();
  redis = `redis://127.0.0.1:${redisPort}`;
  await start('redis', ['--port', String(redisPort), '--bind', '127.0.0.1', '--save', '',
    '--dir', folder]).line(/Ready to accept connections/);
  const port = await freePort();
  listen = `127.0.0.1:${await freePort()}`;
  varia = new Varia();
  varia.url = `http://127.0.0.1:${port}`;
  varia.nango = new Nango({ host: varia.url, secretKey: apiKey });
  coordinator = start('coordinator', ['coordinator', '--redis', redis, '--listen', listen,
    '--http', `127.0.0.1:${port}`, '--set=cluster.name=c1',
    ...certificate(join(folder, 'ca'), 'c1')], { VARIA_API_KEY: apiKey });
  await coordinator.line(/awaiting workers/);
  execFileSync(program, ['deploy', testProject, '--url', varia.url, '--api-key', apiKey]);
});

test('nodes with certificates of one authority make a cluster', async () => {
  for (const name of ['w1', 'w2']) startWorker(name, certificate(join(folder, 'ca'), name));
  await until(async () => (await workers()).length === 2, { timeout: 20_000, what: 'two workers' });
  const connection = await varia.connect({ metadata: { count: 5 } });
  for (const variant of ['a', 'b', 'c', 'd']) await varia.create(connection, 'items', variant);
  for (const variant of ['a', 'b', 'c', 'd']) {
    const { latestExecutionStatus } = await varia.run(connection, 'items', variant);
    assert.equal(latestExecutionStatus, 'SUCCESS');
    assert.equal((await varia.records(connection, 'Item', variant)).length, 5);
  }
  assert.deepEqual(await workers(), ['w1', 'w2']);
});

test('who has a certificate of another authority is refused, and both logs say why', async () => {
  const other = authority('other');
  issue(other, 'w3');
  const worker = startWorker('w3', certificate(other, 'w3'));
  await worker.line(/no talk with the coordinator at .*its certificate is not good/);
  await coordinator.line(/refused a connection from 127\.0\.0\.1: it refuses our certificate/);
  assert.ok(!(await workers()).includes('w3'));
  await worker.stop();
});

test('who knows our authority but is not of it is refused, too', async () => {
  const both = join(folder, 'both.crt');
  const parts = ['ca', 'other'].map((dir) => readFileSync(join(folder, dir, 'ca.crt')));
  writeFileSync(both, parts.join(''));
  const worker = startWorker('w3', [`--set=cluster.tls_ca=${both}`,
    ...certificate(join(folder, 'other'), 'w3').slice(1)]);
  await worker.line(/no talk with the coordinator at .*it refuses our certificate/);
  await coordinator.line(/refused a connection from 127\.0\.0\.1: its certificate is not good/);
  assert.ok(!(await workers()).includes('w3'));
  await worker.stop();
});

test('who has no certificate is refused, and both logs say why', async () => {
  const worker = startWorker('w4', []);
  await coordinator.line(/refused a connection from .*: it (does not speak|says nothing of) TLS/);
  await worker.line(/no talk with the coordinator at .*it (ends the connection|does not answer)/);
  assert.ok(!(await workers()).includes('w4'));
  await worker.stop();
});

test('who goes by the name of another does not even start', async () => {
  const worker = startWorker('w5', certificate(join(folder, 'ca'), 'w1'));
  assert.deepEqual(await worker.exit(), { code: 1, signal: null });
  assert.match(worker.output,
    /cluster\.tls_cert: .*w1\.crt: the certificate is not for \\?"w5\\?" but for w1/);
});

test('wrong files are refused at the start, in words', async () => {
  const [ca, cert] = certificate(join(folder, 'ca'), 'w1');
  for (const [settings, words] of [
    [[ca, cert], /cluster\.tls_ca, cluster\.tls_cert and cluster\.tls_key are set together/],
    [[ca, cert, '--set=cluster.tls_key=/nowhere'], /cluster\.tls_key: \/nowhere: cannot be read/],
    [[ca, cert, certificate(join(folder, 'ca'), 'w2')[2]], /w2\.key: is not the key of .*w1\.crt/],
  ]) {
    const worker = startWorker('w1', settings);
    assert.deepEqual(await worker.exit(), { code: 1, signal: null });
    assert.match(worker.output, words);
  }
});

test('no key stands in a log', () => {
  const keys = ['ca', 'other'].flatMap((dir) => readdirSync(join(folder, dir))
    .filter((name) => name.endsWith('.key'))
    .map((name) => readFileSync(join(folder, dir, name), 'utf8').split('\n')[1]));
  assert.equal(keys.length, 6);
  for (const { output } of children) {
    assert.ok(!output.includes('PRIVATE KEY'));
    for (const key of keys) assert.ok(!output.includes(key.slice(0, 20)));
  }
});
