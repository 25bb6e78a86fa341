// Variants of which some run all the time and tell of every batch they have saved, so that it can
// be measured for how long nobody ran them.

import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';

import { until } from '../e2e/support.mjs';

const integration = 'pulse';
const sync = 'pulse';
const perConnection = 100;
const createdAtOnce = 64;
const project = fileURLToPath(new URL('project', import.meta.url));

export class Pulse {
  #cluster;
  #server;
  #beats = new Map();
  #over = false;
  running = [];

  /** Makes `count` variants, and has `running` of them run. */
  static async start(cluster, { count, running }) {
    const pulse = new Pulse();
    pulse.#cluster = cluster;
    await pulse.#serve(cluster.providerHost);
    const api = cluster.api();
    await api.deploy(project);
    const all = Array.from({ length: count }, (_, i) => ({
      connection: `c${Math.floor(i / perConnection)}`, variant: `v${i % perConnection}`,
    }));
    for (const connection of new Set(all.map((one) => one.connection))) {
      await api.connect({
        connection, key: integration, baseUrl: `http://${cluster.providerHost}:${pulse.port}`,
      });
    }
    const left = [...all];
    await Promise.all(Array.from({ length: createdAtOnce }, async () => {
      for (let one = left.pop(); one; one = left.pop()) {
        await api.create(one.connection, sync, one.variant, integration);
      }
    }));
    // Spread over the connections, so that they are spread over the workers.
    pulse.running = all.filter((_, i) => i % Math.floor(count / running) === 0).slice(0, running);
    return pulse;
  }

  /** Starts what is to run and waits until all of it beats. */
  async beat() {
    const api = this.#cluster.api();
    const since = performance.now();
    let idle;
    await until(async () => {
      idle = this.running.filter((one) => this.#last(one) < since);
      for (const { connection, variant } of idle) {
        const row = await api.status(connection, sync, variant, integration).catch(() => null);
        if (!row || row.status === 'RUNNING') continue;
        await api.nango.triggerSync(integration, [{ name: sync, variant }], connection)
          .catch(() => {});
      }
      return idle.length === 0;
    }, { timeout: 60_000, every: 300, what: 'all to beat', detail: () => JSON.stringify(idle) });
  }

  /** When each of these beat first after a moment; undefined while one has not. */
  resumed(which, since) {
    const times = which.map((one) => this.#beatsOf(one).find((at) => at > since));
    return times.every(Boolean) ? Math.max(...times) : undefined;
  }

  /** The longest silence of a variant between two moments. */
  silence(one, from, to) {
    const times = [from, ...this.#beatsOf(one).filter((at) => at > from && at < to), to];
    return Math.max(...times.slice(1).map((at, i) => at - times[i]));
  }

  /** The worker of each variant that runs: a map. */
  async places() {
    const api = this.#cluster.api();
    const places = new Map();
    await Promise.all(this.running.map(async (one) => {
      const rows = await api.variants(one.connection, sync, integration);
      places.set(one, rows.find(({ variant }) => variant === one.variant)?.worker);
    }));
    return places;
  }

  /** Moves a variant to a worker while it runs; returns the API's answer. */
  move(one, worker) {
    return this.#cluster.api().call('POST', '/varia/variants/move', {
      body: {
        provider_config_key: integration, connection_id: one.connection, name: sync,
        variant: one.variant, worker,
      },
    });
  }

  stop() {
    this.#over = true;
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #beatsOf({ connection, variant }) {
    return this.#beats.get(`${connection}/${variant}`) ?? [];
  }

  #last(one) {
    return this.#beatsOf(one).at(-1) ?? -Infinity;
  }

  async #serve(host) {
    this.#server = createServer((request, response) => {
      let text = '';
      request.on('data', (bytes) => { text += bytes; });
      request.on('end', () => {
        const { connection, variant } = JSON.parse(text);
        const key = `${connection}/${variant}`;
        const beats = this.#beats.get(key) ?? [];
        beats.push(performance.now());
        this.#beats.set(key, beats.slice(-2000));
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ over: this.#over }));
      });
    });
    await new Promise((resolve) => this.#server.listen(0, host, resolve));
    this.port = this.#server.address().port;
  }
}
