// A cluster on hosts of namespaces: Redis on one, two coordinators and some workers on one each,
// all started by their units.

import { randomUUID } from 'node:crypto';
import { join } from 'node:path';

import { Child, program, root } from '../e2e/support.mjs';
import { Cluster } from './cluster_view.mjs';
import { Network, serving } from './hosts.mjs';

const redisUnit = `[Service]
Type=notify
ExecStart=/usr/bin/redis-server /etc/redis/redis.conf --supervised systemd --daemonize no
User=redis
Restart=always
RestartSec=0.2
`;

/** A process of the cluster on the host that it has for itself. */
export class Node {
  constructor(host, unit) {
    Object.assign(this, { host, unit, name: host.name });
  }

  get url() {
    return `http://${this.host.address}:3003`;
  }

  /** Ends it as a crash would. Its unit starts it again after a second. */
  kill() {
    return this.#signal('KILL');
  }

  /** The same, but it stays dead until `start`. */
  async crash() {
    const state = `/run/units/${this.unit}.service.json`;
    const { runner } = JSON.parse(this.host.runNow('cat', state));
    this.host.runNow('kill', '-KILL', `${runner}`);
    await this.kill();
    this.host.runNow('rm', state);
  }

  freeze() {
    return this.#signal('STOP');
  }

  thaw() {
    return this.#signal('CONT');
  }

  cut() {
    this.host.cut();
  }

  heal() {
    this.host.heal();
  }

  start() {
    return this.host.run(`systemctl start ${this.unit}`);
  }

  /** Ends it in order: a worker hands over what it hosts first. */
  stop() {
    return this.host.run(`systemctl stop ${this.unit}`, { timeout: 100_000 });
  }

  journal(lines) {
    return this.host.journal(this.unit, lines);
  }

  #signal(name) {
    return this.host.run(`systemctl kill -s ${name} ${this.unit}`);
  }
}

export class HostCluster extends Cluster {
  canCut = true;
  // Where a provider of the test can listen so that workers reach it.
  providerHost = '10.0.0.1';

  /**
   * Starts everything and waits until the workers have joined. `settings` are lines of TOML for
   * all, such as '[runtime]\nprocesses = 1'; `appendfsync` is Redis's.
   */
  static async start({ workers = 3, settings = '', appendfsync = 'always' } = {}) {
    const cluster = new HostCluster();
    cluster.key = randomUUID();
    cluster.settings = settings;
    cluster.network = await Network.open();
    await cluster.#install();
    cluster.redis = await cluster.#addRedis(appendfsync);
    const numbers = Array.from({ length: workers }, (_, i) => i + 1);
    cluster.coordinators = await Promise.all([1, 2].map((number) =>
      cluster.#addNode(`c${number}`, 10 + number, 'varia-coordinator')));
    cluster.workers = await Promise.all(numbers.map((number) =>
      cluster.#addNode(`w${number}`, 20 + number, 'varia-worker')));
    // One of the two prepares the store; the order of their starts is not to matter.
    await Promise.all(cluster.coordinators.map((node) => node.start()));
    await Promise.all(cluster.workers.map((node) => node.start()));
    await Promise.all(cluster.coordinators.map(({ url }) => serving(url)));
    await cluster.settled();
    return cluster;
  }

  isNamed(node, leader) {
    return leader.split('/')[0] === node.name;
  }

  async stop() {
    await this.network.close();
  }

  // Every host finds the program where the first one unpacked it.
  async #install() {
    const archive = join(this.network.folder, 'varia.tar');
    const child = new Child('package', join(root, 'deploy/package.sh'),
      [join(program, '..'), archive]);
    const { code } = await child.exit(180_000);
    if (code !== 0) throw new Error(`no package:\n${child.tail()}`);
    const command = `tar -C ${this.network.folder} -xf ${archive}`;
    const unpacked = new Child('unpack', 'bash', ['-c', command]);
    if ((await unpacked.exit(180_000)).code !== 0) throw new Error(unpacked.tail());
  }

  async #addNode(name, number, unit) {
    const host = await this.network.add(name, number);
    const { folder } = this.network;
    await host.run(`
      mkdir -p /opt/varia /etc/varia
      mount --bind ${folder}/opt/varia /opt/varia
      cp ${folder}/usr/lib/systemd/system/*.service /etc/systemd/system/
      cp ${folder}/usr/lib/sysusers.d/varia.conf /usr/lib/sysusers.d/
      systemd-sysusers varia.conf
      echo VARIA_API_KEY=${this.key} >/etc/varia/coordinator.env
      cat >/etc/varia/varia.toml <<'END'
[redis]
url = "redis://10.0.0.10:6379"
[http]
listen = "${host.address}:3003"
[cluster]
listen = "${host.address}:7103"
[upstream]
allow = "10.0.0.0/24"
${this.settings}
END`);
    return new Node(host, unit);
  }

  async #addRedis(appendfsync) {
    const host = await this.network.add('store', 10);
    await host.run(`
      cat >/etc/systemd/system/store.service <<'END'
${redisUnit}END
      cat >/etc/redis/redis.conf <<'END'
bind 10.0.0.10
protected-mode no
dir /var/lib/redis
save ""
appendonly yes
appendfsync ${appendfsync}
maxmemory-policy noeviction
END
      systemctl start store`);
    return new Node(host, 'store');
  }
}
