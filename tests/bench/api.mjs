// What the API carries: requests per second and their latency, with few and with many clients, and
// how much that is of what a bare Beast handler carries in the same run.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';

import { apiKey, program } from '../e2e/support.mjs';
import { key, numbered, quantile, start } from './tools.mjs';
import { Wire } from './wire.mjs';

const clientCounts = [1, 16, 64];
const connections = 60;
const perConnection = 90;

/** Sends `count` requests by all wires, each waiting for its answers one by one. */
async function load(wires, count, send) {
  const times = [];
  let next = 0;
  const begin = performance.now();
  await Promise.all(wires.map(async (wire) => {
    while (next < count) {
      const i = next;
      next += 1;
      const sent = performance.now();
      await send(wire, i);
      times.push(performance.now() - sent);
    }
  }));
  const seconds = (performance.now() - begin) / 1000;
  return { perS: count / seconds, p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}

async function startFloor(scope) {
  const child = spawn(join(dirname(program), 'tests/beast_floor'),
    { stdio: ['pipe', 'pipe', 'inherit'] });
  scope.after(() => child.stdin.end());
  const [line] = await once(child.stdout, 'data');
  return `http://127.0.0.1:${Number(line)}`;
}

const ids = (id) => ({ provider_config_key: key, connection_id: id });
const idHeaders = (id) => `Connection-Id: ${id}\r\nProvider-Config-Key: ${key}\r\n`;

// Each of them takes a wire, the number of the request, and the connections there are.
const kinds = (all, made) => ({
  create: (wire) => {
    const i = made.count;
    made.count += 1;
    return wire.ask('POST', `/sync/rows/variant/n${Math.floor(i / connections)}`,
      { body: ids(all[i % connections]) });
  },
  trigger: (wire, i) => wire.ask('POST', '/sync/trigger',
    { body: { ...ids(all[i % connections]), syncs: ['begin'] } }),
  status: (wire, i) => wire.ask('GET', `/sync/status?syncs=begin&provider_config_key=${key}`
    + `&connection_id=${all[i % connections]}`),
  records: (wire, i) => wire.ask('GET', '/records?model=Row&limit=10',
    { headers: idHeaders(all[i % connections]) }),
  metadata: (wire, i) => wire.ask('PATCH', '/connections/metadata',
    { body: { ...ids(all[i % connections]), metadata: { [`k${i % 10}`]: i } } }),
});

async function measureApi(scope) {
  const floorUrl = await startFloor(scope);
  const varia = await start(scope);
  const all = numbered(connections, 'c');
  for (const connection of all) {
    await varia.connect({ key, connection, metadata: { count: 10, batch: 10, revision: 1 } });
  }
  const sends = kinds(all, { count: 0 });
  const rows = [];
  for (const clients of clientCounts) {
    const open = (url) => Promise.all(numbered(clients).map(() => Wire.open(url, apiKey)));
    const [floorWires, wires] = [await open(floorUrl), await open(varia.url)];
    const count = clients === 1 ? 500 : 2000;
    const floor = await load(floorWires, count * 2, (wire) => wire.ask('GET', '/'));
    rows.push(row('floor', clients, floor));
    for (const [name, send] of Object.entries(sends)) {
      const most = name === 'create' ? Math.min(count, (connections * perConnection) / 3) : count;
      rows.push(row(name, clients, await load(wires, most, send), floor));
    }
    for (const wire of [...floorWires, ...wires]) wire.close();
  }
  return rows;
}

function row(name, clients, { perS, p50, p99 }, floor) {
  const share = floor ? `, ${Math.round((100 * perS) / floor.perS)} % of a bare handler` : '';
  return {
    name: `api_${name}_per_s`, value: perS,
    note: `${clients} client${clients === 1 ? '' : 's'}, p50 ${p50.toFixed(2)} ms, `
      + `p99 ${p99.toFixed(2)} ms${share}`,
  };
}

/** The rows that this measures, each once for 1, 16 and 64 clients. */
export const apiNames = ['floor', 'create', 'trigger', 'status', 'records', 'metadata']
  .map((name) => `api_${name}_per_s`);

export const apiMeasures = [{ names: apiNames, run: measureApi }];
