// A cluster of processes on this machine's loopback, for where no hosts of namespaces can be made:
// the same as multihost's HostCluster, but no link can be cut.

import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { Child, descendantsOf, freePort, program } from '../e2e/support.mjs';
import { Cluster } from '../multihost/cluster_view.mjs';
import { serving } from '../multihost/hosts.mjs';

const restartAfter = 1000;

/** A process that is started again whenever it ends, as a unit would be. */
class Node {
  #command;
  #env;
  #child;
  #wanted = false;

  constructor(name, command, env = {}) {
    this.name = name;
    this.#command = command;
    this.#env = env;
  }

  async start() {
    this.#wanted = true;
    this.#child = new Child(this.name, 'setpriv', ['--pdeathsig', 'KILL', ...this.#command],
      { env: this.#env });
    this.#watch(this.#child);
  }

  async stop() {
    this.#wanted = false;
    await this.#child?.stop(90_000);
  }

  async kill() {
    this.#signal('SIGKILL');
  }

  async freeze() {
    this.#signal('SIGSTOP');
  }

  async thaw() {
    this.#signal('SIGCONT');
  }

  get pid() {
    return this.#child?.pid;
  }

  journal(lines) {
    return this.#child?.tail(lines) ?? '';
  }

  async #watch(child) {
    await child.exit(2 ** 31 - 1);
    await sleep(restartAfter);
    if (this.#wanted && this.#child === child) await this.start();
  }

  // To the process and all it has started, as systemd does.
  #signal(name) {
    if (!this.#child?.running) return;
    const { pid } = this.#child;
    for (const each of [pid, ...descendantsOf(pid).map((one) => one.pid)]) {
      try {
        process.kill(each, name);
      } catch {
        // It has just ended.
      }
    }
  }
}

export class LoopbackCluster extends Cluster {
  canCut = false;
  providerHost = '127.0.0.1';

  static async start({ workers = 3, flags = [], appendfsync = 'always' } = {}) {
    const cluster = new LoopbackCluster();
    cluster.key = randomUUID();
    cluster.folder = await mkdtemp(join(tmpdir(), 'varia-chaos-'));
    const port = await freePort();
    const common = ['--redis', `redis://127.0.0.1:${port}`, '--set', 'upstream.allow=127.0.0.1',
      ...flags.flatMap((flag) => ['--set', flag])];
    cluster.redis = new Node('store', ['redis-server', '--bind', '127.0.0.1', '--port', `${port}`,
      '--dir', cluster.folder, '--save', '', '--appendonly', 'yes', '--appendfsync', appendfsync,
      '--maxmemory-policy', 'noeviction']);
    await cluster.redis.start();
    for (const name of ['c1', 'c2']) {
      const http = `127.0.0.1:${await freePort()}`;
      const node = new Node(name, [program, 'coordinator', ...common, '--http', http, '--listen',
        `127.0.0.1:${await freePort()}`], { VARIA_API_KEY: cluster.key });
      node.url = `http://${http}`;
      cluster.coordinators.push(node);
    }
    for (let i = 1; i <= workers; i += 1) {
      cluster.workers.push(new Node(`w${i}`, [program, 'worker', ...common, '--name', `w${i}`]));
    }
    for (const node of [...cluster.coordinators, ...cluster.workers]) await node.start();
    await Promise.all(cluster.coordinators.map(({ url }) => serving(url)));
    await cluster.settled();
    return cluster;
  }

  isNamed(node, leader) {
    return leader.split('/')[1] === String(node.pid);
  }

  async stop() {
    for (const node of this.nodes) await node.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}
