// The whole system on one machine: the provider, Redis, a coordinator and its workers, each a
// process of its own on a free loopback port.

import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Child, freePort, until } from './processes.mjs';

const home = fileURLToPath(new URL('..', import.meta.url));

/** The release program, unless the variable VARIA names another. */
export const varia =
  process.env.VARIA ?? fileURLToPath(new URL('../../../build/release/varia', import.meta.url));

export class Cluster {
  #children = [];
  #workers = new Map();
  #folder;
  #stopped = false;

  /**
   * Starts everything and waits until it serves. `provider` and `worker` are words added to the
   * command lines of the provider and of each worker.
   */
  async start({ workers = 2, provider = [], worker = [] } = {}) {
    if (!existsSync(varia)) throw new Error(`there is no program ${varia}: build it first`);
    this.#folder = await mkdtemp(join(tmpdir(), 'varia-demo-'));
    this.apiKey = randomUUID();
    this.providerKey = randomUUID();
    await Promise.all([this.#startProvider(provider), this.#startRedis()]);
    const coordinator = await this.#startCoordinator();
    for (let i = 1; i <= workers; i += 1) this.#startWorker(`worker-${i}`, coordinator, worker);
    await this.#workersJoined(workers);
  }

  /** Deploys a project folder, as a developer would. */
  async deploy(folder = home) {
    const args = ['deploy', folder, '--url', this.url, '--api-key', this.apiKey];
    const child = this.#spawn('deploy', varia, args);
    const { code } = await child.exit(60_000);
    if (code !== 0) throw new Error(`the deployment failed:\n${child.tail()}`);
  }

  get workerNames() {
    return [...this.#workers.keys()];
  }

  /** Ends a worker as a power cut would. */
  async killWorker(name) {
    const { pid } = this.#workers.get(name);
    await this.#workers.get(name).kill();
    return pid;
  }

  /** Ends all processes, the last one first, and removes what they wrote. Nothing starts now. */
  async stop() {
    this.#stopped = true;
    for (const child of this.#children.toReversed()) await child.stop();
    if (this.#folder) await rm(this.#folder, { recursive: true, force: true });
  }

  /** The last words of every process, for a report of what went wrong. */
  tails() {
    return this.#children.map((child) => `--- ${child.name}\n${child.tail()}`).join('\n');
  }

  async #startProvider(words) {
    const args = [join(home, 'provider.mjs'), ...words];
    const child = this.#spawn('provider', process.execPath, args, {
      DEBIAN_API_KEY: this.providerKey,
    });
    [, this.providerUrl] = await child.line(/^ready (\S+)/m, 60_000);
  }

  async #startRedis() {
    const port = await freePort();
    this.redisUrl = `redis://127.0.0.1:${port}`;
    const child = this.#spawn('redis', 'redis-server', [
      '--bind', '127.0.0.1', '--port', String(port), '--dir', this.#folder,
      '--appendonly', 'yes', '--save', '', '--maxmemory-policy', 'noeviction',
    ]);
    await child.line(/Ready to accept connections/);
  }

  // Returns where workers join.
  async #startCoordinator() {
    const listen = `127.0.0.1:${await freePort()}`;
    const http = `127.0.0.1:${await freePort()}`;
    const args = ['coordinator', '--redis', this.redisUrl, '--listen', listen, '--http', http];
    const child = this.#spawn('coordinator', varia, args, { VARIA_API_KEY: this.apiKey });
    this.url = `http://${http}`;
    await until(async () => {
      if (!child.running) throw new Error(`the coordinator ended early:\n${child.tail()}`);
      return (await fetch(`${this.url}/health`).catch(() => null))?.ok;
    }, { timeout: 20_000, what: 'the coordinator to serve', detail: () => child.tail() });
    return listen;
  }

  #startWorker(name, coordinator, words) {
    const args = ['worker', '--redis', this.redisUrl, '--join', coordinator, '--name', name,
      '--set', 'upstream.allow=127.0.0.1', ...words];
    this.#workers.set(name, this.#spawn(name, varia, args));
  }

  async #workersJoined(count) {
    const headers = { Authorization: `Bearer ${this.apiKey}` };
    await until(async () => {
      for (const [name, child] of this.#workers) {
        if (!child.running) throw new Error(`${name} ended early:\n${child.tail()}`);
      }
      const answer = await fetch(`${this.url}/varia/workers`, { headers });
      return answer.ok && (await answer.json()).workers.length === count;
    }, { timeout: 20_000, what: `${count} workers to join`, detail: () => this.tails() });
  }

  #spawn(name, command, args, env) {
    if (this.#stopped) throw new Error('the cluster was stopped');
    const child = new Child(name, command, args, { env });
    this.#children.push(child);
    return child;
  }
}

/**
 * Gives `main` a cluster that is not started yet, and ends this process with 0 if `main` returns
 * true. Whatever happens, a signal, an error or the end of patience, the cluster is stopped first.
 */
export async function withCluster(main, { patience = Infinity, afterSignal = 130 } = {}) {
  const cluster = new Cluster();
  let stopping;
  const stop = (code, complaint) => {
    if (stopping) return;
    if (complaint) console.error(`\n${complaint}\n${cluster.tails()}`);
    stopping = cluster.stop().finally(() => process.exit(code));
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stop(afterSignal));
  if (patience !== Infinity) {
    setTimeout(() => stop(1, `Not done in ${patience / 1000} s.`), patience).unref();
  }
  try {
    stop((await main(cluster)) ? 0 : 1);
  } catch (error) {
    stop(1, `Failed: ${error.message}`);
  }
}
