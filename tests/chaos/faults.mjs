// Plays a plan of faults on a cluster, and mends everything at the end.

import { setTimeout as sleep } from 'node:timers/promises';

const patience = 5000;

export class Faults {
  #cluster;
  #tell;
  #busy = new Map();

  /** `tell` is given a line about each thing that is done. */
  constructor(cluster, tell) {
    this.#cluster = cluster;
    this.#tell = tell;
  }

  /** Plays the plan; returns how often each thing was done. A node has one fault at a time. */
  async play(plan) {
    const began = performance.now();
    const counts = {};
    for (const fault of plan) {
      await sleep(Math.max(0, fault.at - (performance.now() - began)));
      const node = await this.#target(fault);
      if (!node || this.#busy.has(node)) continue;
      const word = `${fault.what} ${fault.whom}`;
      counts[word] = (counts[word] ?? 0) + 1;
      this.#tell(`${fault.what} ${node.name}${fault.whom === 'leader' ? ' (leader)' : ''}`);
      this.#busy.set(node, this.#enact(fault, node)
        .catch((error) => this.#tell(`${word}: ${error.message.split('\n')[0]}`))
        .finally(() => this.#busy.delete(node)));
    }
    await Promise.all(this.#busy.values());
    return counts;
  }

  async #target({ whom, number }) {
    const { redis, workers } = this.#cluster;
    if (whom === 'redis') return redis;
    if (whom === 'worker') return workers[number % workers.length];
    const leader = await this.#cluster.leader();
    if (whom === 'leader') return leader;
    return this.#cluster.coordinators.find((node) => node !== leader);
  }

  async #enact({ what, lasts }, node) {
    switch (what) {
      case 'kill':
        return node.kill();
      case 'restart':
        await node.stop();
        return node.start();
      case 'freeze':
        await node.freeze();
        await sleep(lasts);
        return node.thaw();
      case 'cut':
        node.cut();
        await sleep(lasts);
        return node.heal();
      case 'promote':
        return this.#ask('coordinators/promote', { coordinator: await this.#cluster.nameOf(node) });
      case 'drain':
        await this.#ask('workers/drain', { worker: node.name, deadline_s: 3 });
        await sleep(lasts);
        return this.#insist(() => this.#ask('workers/uncordon', { worker: node.name }));
      default:
        throw new Error(`no such fault: ${what}`);
    }
  }

  // A worker must not stay cordoned because of another fault.
  async #insist(work) {
    for (let tries = 0; ; tries += 1) {
      try {
        return await work();
      } catch (error) {
        if (tries === 60) throw error;
        await sleep(500);
      }
    }
  }

  async #ask(path, body) {
    let last;
    for (const coordinator of this.#cluster.coordinators) {
      try {
        last = await this.#cluster.api(coordinator).call('POST', `/varia/${path}`,
          { body, patience });
        if (last.status < 300) return;
      } catch (error) {
        last = { status: error.message, text: '' };
      }
    }
    throw new Error(`answered ${last.status} ${last.text}`);
  }
}
