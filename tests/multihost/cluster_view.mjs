// What tests see of a cluster, wherever its processes run.

import { Varia, until } from '../e2e/support.mjs';

/**
 * The part that all kinds of cluster share. A kind adds `start`, `stop`, and `isNamed(node, name)`:
 * whether that is the name under which a coordinator leads. Nodes have a `name`, and `kill`,
 * `freeze`, `thaw`, `start`, `stop`, `journal`; with `canCut` also `cut` and `heal`.
 */
export class Cluster {
  coordinators = [];
  workers = [];

  get nodes() {
    return [...this.coordinators, ...this.workers, this.redis];
  }

  /** The API at a coordinator. */
  api(coordinator = this.coordinators[0]) {
    return Varia.at(coordinator.url, this.key);
  }

  worker(name) {
    return this.workers.find((node) => node.name === name);
  }

  /** What each coordinator says of the cluster; undefined where one does not answer. */
  statuses(patience = 2000) {
    return Promise.all(this.coordinators.map(async (node) => {
      const answer = await this.api(node).call('GET', '/varia/status', { patience })
        .catch(() => null);
      return answer?.status === 200 ? answer.body : undefined;
    }));
  }

  /** The coordinator that leads; undefined while those that answer do not agree. */
  async leader() {
    const names = (await this.statuses(1000)).map((now) => now?.leader).filter(Boolean);
    const known = new Set(names.map((name) =>
      this.coordinators.find((node) => this.isNamed(node, name))));
    return known.size === 1 ? [...known][0] : undefined;
  }

  /** The name by which the cluster knows a coordinator. */
  async nameOf(node) {
    for (const one of this.coordinators) {
      const answer = await this.api(one).call('GET', '/varia/coordinators', { patience: 2000 })
        .catch(() => null);
      const found = answer?.body?.coordinators?.find((it) => this.isNamed(node, it.coordinator));
      if (found) return found.coordinator;
    }
    throw new Error(`nobody knows the coordinator ${node.name}`);
  }

  /** Waits until all workers live, all variants have one, and every coordinator says so. */
  async settled(timeout = 120_000) {
    let last;
    await until(async () => {
      last = await this.statuses();
      return last.every((now) => now?.leader && now.unplaced === 0
        && this.workers.every(({ name }) =>
          now.workers.some(({ worker, alive }) => worker === name && alive)));
    }, { timeout, every: 100, what: 'the cluster to settle',
      detail: () => `${JSON.stringify(last)}\n${this.journals()}` });
  }

  /** The last words of all processes, for reports. */
  journals(lines = 12) {
    return this.nodes.map((node) => `--- ${node.name}\n${node.journal(lines)}`).join('\n');
  }
}
