// A hundred variants on a provider that allows ten requests a second.

import { createServer } from 'node:http';

import { serve, until } from '../e2e/support.mjs';
import { key, numbered, start } from './tools.mjs';

const allowed = 10;
const windowMs = 1000;
const wanted = 300;

/** Counts requests by variant, and refuses those beyond what is allowed in any second. */
class Provider {
  granted = new Map();
  refused = 0;
  #recent = [];

  constructor(names) {
    for (const name of names) this.granted.set(name, 0);
    this.server = createServer((request, response) => this.#take(request, response));
  }

  get total() {
    return [...this.granted.values()].reduce((sum, count) => sum + count, 0);
  }

  #take(request, response) {
    const now = performance.now();
    this.#recent = this.#recent.filter((at) => at > now - windowMs);
    if (this.#recent.length >= allowed) {
      this.refused += 1;
      response.writeHead(429, { 'retry-after': '1' }).end();
      return;
    }
    this.#recent.push(now);
    const name = new URL(request.url, 'http://provider').searchParams.get('variant');
    if (this.total < wanted) this.granted.set(name, this.granted.get(name) + 1);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ more: this.total < wanted }));
  }
}

/** Jain's index: 1 if all have the same, 1/n if one has all. */
function fairness(counts) {
  const sum = counts.reduce((a, b) => a + b, 0);
  const squares = counts.reduce((a, b) => a + b * b, 0);
  return sum ** 2 / (counts.length * squares);
}

async function budget(scope) {
  const names = numbered(100);
  const provider = new Provider(names);
  const base_url = await serve(scope, provider.server);
  const flags = ['--set', 'runtime.slots=32'];
  const varia = await start(scope, { flags });
  await varia.nango.createIntegration({
    provider: 'unauthenticated', unique_key: key,
    custom: { base_url, rate: { requests: allowed, per: '1s' } },
  });
  const connection = await varia.connect({ key });
  await Promise.all(names.map((name) => varia.create(connection, 'requests', name, key)));
  const begin = performance.now();
  await varia.nango.triggerSync(key, names.map((variant) => ({ name: 'requests', variant })),
    connection);
  await until(() => provider.total >= wanted, { timeout: 120_000, what: '300 requests' });
  const seconds = (performance.now() - begin) / 1000;
  const counts = [...provider.granted.values()];
  const note = `100 variants, two workers, ${wanted} requests in ${seconds.toFixed(1)} s`;
  return [
    { name: 'budget_refused', value: Math.max(0, provider.refused - 1), note },
    {
      name: 'budget_share', value: fairness(counts),
      note: `Jain's index of what was granted: ${Math.min(...counts)} to ${Math.max(...counts)}`,
    },
  ];
}

export const budgetMeasures = [{ names: ['budget_refused', 'budget_share'], run: budget }];
