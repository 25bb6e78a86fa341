// The live load under which faults happen: many variants that write ledgers, all run again and
// again, and a crowd that makes and deletes variants at the limit.

import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { until } from '../e2e/support.mjs';

const integration = 'ledger';
const sync = 'ledger';
const project = fileURLToPath(new URL('project', import.meta.url));
const patience = 10_000;
const limit = 100;

/** The provider of the scripts: notes how far each variant says to have come. */
async function provider(host) {
  const acknowledged = new Map();
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (bytes) => { text += bytes; });
    request.on('end', () => {
      const { connection, variant, next } = JSON.parse(text);
      const key = `${connection}/${variant}`;
      acknowledged.set(key, Math.max(next, acknowledged.get(key) ?? 0));
      response.end('{}');
    });
  });
  await new Promise((resolve) => server.listen(0, host, resolve));
  return { server, acknowledged, url: `http://${host}:${server.address().port}` };
}

export class Load {
  #cluster;
  #provider;
  #stopping = false;
  #tasks = [];
  #turn = 0;
  counts = { triggered: 0, refused: 0, created: 0, deleted: 0 };
  limitSeen = [];
  variants = [];

  /** Deploys the script and makes `connections` times `each` variants. */
  static async start(cluster, { connections = 4, each = 10 } = {}) {
    const load = new Load();
    load.#cluster = cluster;
    load.#provider = await provider(cluster.providerHost);
    const api = cluster.api();
    await api.deploy(project);
    for (let i = 0; i < connections; i += 1) {
      const connection = `books-${i}`;
      await api.connect({ connection, key: integration, baseUrl: load.#provider.url });
      for (let j = 0; j < each; j += 1) {
        await api.create(connection, sync, `v${j}`, integration);
        load.variants.push({ connection, variant: `v${j}` });
      }
    }
    await api.connect({ connection: 'crowd', key: integration });
    load.#tasks = [load.#keepRunning(connections), load.#crowd()];
    return load;
  }

  /** How many entries all variants have said to be saved. */
  get acknowledged() {
    return [...this.#provider.acknowledged.values()].reduce((sum, next) => sum + next, 0);
  }

  /** Ends the load, and waits until nothing runs any more. */
  async stop() {
    this.#stopping = true;
    await Promise.all(this.#tasks);
    await this.#quiet();
  }

  /** One more run of each variant: all must succeed. */
  async lastRound() {
    const api = this.#cluster.api();
    const before = new Map((await this.#rows()).map((row) => [keyOf(row), row.run]));
    for (const [connection, names] of this.#byConnection()) {
      await api.nango.triggerSync(integration, names.map((variant) => ({ name: sync, variant })),
        connection);
    }
    let waiting;
    await until(async () => {
      waiting = (await this.#rows()).filter((row) => row.run <= before.get(keyOf(row))
        || row.last_outcome !== 'success' || row.status === 'RUNNING');
      return waiting.length === 0;
    }, { timeout: 120_000, every: 500, what: 'the last round', detail: () =>
      `${JSON.stringify(waiting.slice(0, 3))}\n${this.#cluster.journals()}` });
  }

  /** Fills the crowd up to the limit, and returns what is to be judged of it. */
  async crowdFull() {
    await Promise.all(Array.from({ length: limit + 30 }, (_, i) =>
      this.#patiently(() => this.#create(`x-${i}`))));
    return { limit, counts: this.limitSeen, last: await this.#crowdSize() };
  }

  /** All that is stored of a variant, as `judgeVariant` takes it. */
  async storyOf({ connection, variant }) {
    const api = this.#cluster.api();
    const records = await api.records(connection, 'Entry', variant, {
      key: integration, limit: 10_000,
    });
    const query = new URLSearchParams({
      provider_config_key: integration, connection_id: connection, name: sync, variant,
      limit: '1000',
    });
    const { body } = await api.call('GET', `/varia/variants/runs?${query}`);
    return {
      records, runs: body.runs.reverse(),
      acknowledged: this.#provider.acknowledged.get(`${connection}/${variant}`) ?? 0,
    };
  }

  close() {
    this.#provider.server.close();
    this.#provider.server.closeAllConnections();
  }

  // Requests take turns between the coordinators; what they refuse is tried again another time.
  async #attempt(work) {
    const all = this.#cluster.coordinators;
    const api = this.#cluster.api(all[this.#turn++ % all.length]);
    try {
      return await work(api);
    } catch {
      this.counts.refused += 1;
      return undefined;
    }
  }

  async #patiently(work) {
    return until(async () => (await work()) !== undefined, {
      timeout: 60_000, every: 200, what: 'an answer', detail: () => this.#cluster.journals(),
    });
  }

  async #keepRunning() {
    const groups = this.#byConnection();
    while (!this.#stopping) {
      for (const [connection] of groups) {
        await this.#attempt(async (api) => {
          const { status, body } = await api.call('GET', '/sync/status?' + new URLSearchParams({
            syncs: '*', provider_config_key: integration, connection_id: connection,
          }), { patience });
          if (status !== 200) throw new Error(`status ${status}`);
          const idle = body.syncs.filter((one) => one.variant !== 'base'
            && one.status !== 'RUNNING');
          if (idle.length === 0) return true;
          await this.#trigger(api, connection, idle.map(({ variant }) => variant));
          return true;
        });
      }
      await sleep(500);
    }
  }

  async #trigger(api, connection, names) {
    const answer = await api.call('POST', '/sync/trigger', {
      patience,
      body: {
        provider_config_key: integration, connection_id: connection,
        syncs: names.map((variant) => ({ name: sync, variant })),
      },
    });
    if (answer.status !== 200) throw new Error(`trigger ${answer.status}`);
    this.counts.triggered += names.length;
  }

  // Many creations at once, far more than fit, and some deletions, at both coordinators.
  async #crowd() {
    for (let round = 0; !this.#stopping; round += 1) {
      await Promise.all(Array.from({ length: limit + 30 }, (_, i) =>
        (!this.#stopping && i % 13 !== round % 13 ? this.#create(`x-${i}`) : undefined)));
      const seen = await this.#attempt(() => this.#crowdSize());
      if (seen !== undefined) this.limitSeen.push(seen);
      for (let i = round % 7; i < limit && !this.#stopping; i += 7) await this.#delete(`x-${i}`);
      await sleep(1000);
    }
  }

  // Answers true or false once it is clear whether the variant is there; else undefined.
  #create(variant) {
    return this.#attempt(async (api) => {
      const { status, body, text } = await api.call('POST', `/sync/${sync}/variant/${variant}`, {
        patience, body: { provider_config_key: integration, connection_id: 'crowd' },
      });
      if (status === 200) this.counts.created += 1;
      const known = ['resource_capped', 'sync_variant_already_exists'];
      if (status !== 200 && !known.includes(body?.error?.code)) throw new Error(text);
      return status === 200;
    });
  }

  #delete(variant) {
    return this.#attempt(async (api) => {
      const { status } = await api.call('DELETE', `/sync/${sync}/variant/${variant}`, {
        patience, body: { provider_config_key: integration, connection_id: 'crowd' },
      });
      if (status >= 500) throw new Error(`delete ${status}`);
      if (status === 200) this.counts.deleted += 1;
      return true;
    });
  }

  async #crowdSize() {
    const rows = await this.#cluster.api().variants('crowd', sync, integration);
    return rows.filter(({ variant }) => variant !== 'base').length;
  }

  async #rows() {
    const query = new URLSearchParams({ provider_config_key: integration, sync });
    const { body } = await this.#cluster.api().call('GET', `/varia/variants?${query}`);
    const names = new Set(this.variants.map(({ connection, variant }) =>
      `${connection}/${variant}`));
    return body.variants.filter((row) => names.has(keyOf(row)));
  }

  async #quiet() {
    let rows;
    await until(async () => {
      rows = (await this.#rows()).filter(({ status }) => status === 'RUNNING');
      return rows.length === 0;
    }, { timeout: 120_000, every: 500, what: 'all runs to end', detail: () =>
      `${JSON.stringify(rows.slice(0, 3))}\n${this.#cluster.journals()}` });
  }

  #byConnection() {
    const groups = new Map();
    for (const { connection, variant } of this.variants) {
      groups.set(connection, [...(groups.get(connection) ?? []), variant]);
    }
    return groups;
  }
}

function keyOf(row) {
  return `${row.connection_id}/${row.variant}`;
}
