// Mixed load on the API beside running syncs: no answer but the expected ones, no failed run, and
// memory that does not grow.
//
//   node tests/soak/soak.mjs [--seconds N]

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { bytesOf } from '../bench/memory.mjs';
import { Wire } from '../bench/wire.mjs';
import { apiKey, descendantsOf, integration, Varia } from '../e2e/support.mjs';

const { values: flags } = parseArgs({ options: { seconds: { type: 'string', default: '600' } } });
const seconds = Number(flags.seconds);
const clients = 8;
const growthMax = 1.1;
const slack = 16 * 1024 * 1024;

const cleanups = [];
const scope = { after: (task) => cleanups.push(task) };
const connections = Array.from({ length: 10 }, (_, i) => `soak-${i}`);
const counts = {};

const ids = (id, more) => ({ provider_config_key: integration, connection_id: id, ...more });
const idHeaders = (id) =>
  `Connection-Id: ${id}\r\nProvider-Config-Key: ${integration}\r\n`;

// What clients do in turn, of a connection, a client and a round: method, path, options, status.
const requests = [
  (id) => ['GET', `/sync/status?syncs=*&provider_config_key=${integration}&connection_id=${id}`,
    {}, 200],
  (id) => ['GET', '/records?model=Item&variant=steady&limit=50', { headers: idHeaders(id) }, 200],
  (id, client) => ['POST', `/sync/items/variant/tmp-${client}`, { body: ids(id) }, 200],
  (id, client, round) => ['PATCH', '/connections/metadata',
    { body: ids(id, { metadata: { [`key-${client}`]: round } }) }, 200],
  (id) => ['GET', `/connections/${id}?provider_config_key=${integration}`, {}, 200],
  (id, client) => ['DELETE', `/sync/items/variant/tmp-${client}`, { body: ids(id) }, 200],
  (id) => ['POST', '/sync/trigger', { body: ids(id, { syncs: ['items::steady'] }) }, 200],
  () => ['GET', '/connections?limit=10', {}, 200],
  (id) => ['POST', '/sync/items/variant/base', { body: ids(id) }, 400],
  (id) => ['DELETE', '/sync/items/variant/none', { body: ids(id) }, 404],
  () => ['GET', '/records?model=Item', {}, 400],
  () => ['GET', '/environment-variables', {}, 200],
  () => ['GET', '/openapi.json', {}, 200],
];

async function drive(wire, client, until) {
  for (let round = 0; Date.now() < until; round += 1) {
    const id = connections[(client + round) % connections.length];
    for (const request of requests) {
      const [method, path, options, status] = request(id, client, round);
      const answer = await wire.send(method, path, options);
      const name = `${method} ${path.split('?')[0]}`.replace(/-\d+$/, '');
      assert.equal(answer.status, status, `${name}: ${answer.body}`);
      counts[name] = (counts[name] ?? 0) + 1;
    }
    await sleep(20);
  }
}

// The processes of ours that live as long as the cluster, by what they are.
function memory(varia) {
  const result = {};
  for (const { pid, words } of descendantsOf(varia.child.pid)) {
    const role = ['coordinator', 'worker'].find((word) => words[1] === word);
    if (role) result[`${role} ${pid}`] = bytesOf(pid, 'Rss');
  }
  return result;
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

function judgeMemory(samples) {
  const quarter = Math.floor(samples.length / 4);
  for (const name of Object.keys(samples.at(-1))) {
    const part = (from, to) => median(samples.slice(from, to).map((one) => one[name] ?? 0));
    const early = part(quarter, 2 * quarter + 1);
    const late = part(3 * quarter, samples.length);
    console.log(`${name}: ${(early / 2 ** 20).toFixed(0)} MB, later ${
      (late / 2 ** 20).toFixed(0)} MB`);
    assert.ok(late <= early * growthMax + slack, `${name} has grown`);
  }
}

async function soak() {
  const varia = await Varia.start(scope);
  for (const connection of connections) {
    await varia.connect({ connection, metadata: { count: 20 } });
    await varia.create(connection, 'items', 'steady');
    await varia.create(connection, 'timed', 'clock');
  }
  const wires = await Promise.all(Array.from({ length: clients }, () =>
    Wire.open(varia.url, apiKey)));
  scope.after(() => wires.forEach((wire) => wire.close()));
  const until = Date.now() + seconds * 1000;
  const samples = [];
  const watch = async () => {
    while (Date.now() < until) {
      samples.push(memory(varia));
      await sleep(Math.max(500, seconds * 10));
    }
  };
  await Promise.all([watch(), ...wires.map((wire, client) => drive(wire, client, until))]);
  for (const connection of connections) {
    for (const [name, variant] of [['items', 'steady'], ['timed', 'clock']]) {
      const status = await varia.when(connection, name, variant,
        ({ status: now }) => now !== 'RUNNING');
      assert.equal(status.latestExecutionStatus, 'SUCCESS', `${connection} ${name}`);
    }
  }
  judgeMemory(samples);
}

let code = 0;
try {
  await soak();
  for (const [name, count] of Object.entries(counts)) console.log(`${name}: ${count}`);
  console.log('no error');
} catch (error) {
  console.error(error);
  code = 1;
}
for (const task of cleanups.reverse()) await task();
process.exit(code);
