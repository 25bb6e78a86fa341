// Hosts made of namespaces, on one wire: each with an address, a name, processes and files of its
// own. To be used inside of the world that inside.mjs makes, which is what removes them all.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Child, until } from '../e2e/support.mjs';

const hostsMax = 16;
const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const init = fileURLToPath(new URL('guest/init.sh', import.meta.url));

/** Whether links can be delayed here: the kernel part netem is missing on some machines. */
export const delays = canDelay();

function canDelay() {
  if (!process.env.MULTIHOST_WORLD) return false;
  ip('link', 'set', 'lo', 'up');
  const added = spawnSync('tc', ['qdisc', 'add', 'dev', 'lo', 'root', 'netem', 'delay', '1ms']);
  if (added.status !== 0) return false;
  spawnSync('tc', ['qdisc', 'del', 'dev', 'lo', 'root']);
  return true;
}

/** The wire, 10.0.0.0/24. This process is on it, too, as 10.0.0.1. */
export class Network {
  #hosts = new Map();

  static async open() {
    if (!process.env.MULTIHOST_WORLD) throw new Error('start it by tests/multihost/inside.mjs');
    const network = new Network();
    network.folder = await mkdtemp(join(tmpdir(), 'varia-hosts-'));
    ip('link', 'set', 'lo', 'up');
    ip('link', 'add', 'lan', 'type', 'bridge');
    ip('address', 'add', '10.0.0.1/24', 'dev', 'lan');
    ip('link', 'set', 'lan', 'up');
    return network;
  }

  /** Adds a host; `number` is the last part of its address. */
  async add(name, number) {
    if (this.#hosts.size === hostsMax) throw new Error(`more than ${hostsMax} hosts`);
    const host = new Host(name, `10.0.0.${number}`, join(this.folder, name));
    this.#hosts.set(name, host);
    await host.start();
    return host;
  }

  get hosts() {
    return [...this.#hosts.values()];
  }

  get(name) {
    return this.#hosts.get(name);
  }

  /** Takes power from all hosts and the wire away. */
  async close() {
    for (const host of this.hosts) await host.powerOff();
    this.#hosts.clear();
    ip('link', 'delete', 'lan');
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** One host. */
export class Host {
  #anchor;
  #pid;

  constructor(name, address, folder) {
    Object.assign(this, { name, address, folder, port: `v-${name}` });
  }

  async start() {
    this.#anchor = new Child(this.name, 'setpriv', ['--pdeathsig', 'KILL', 'unshare', '--mount',
      '--uts', '--net', '--pid', '--fork', '--kill-child', '--mount-proc', 'bash', init, this.name,
      this.folder]);
    await this.#anchor.line(/^ready$/m, 20_000);
    const { pid } = this.#anchor;
    this.#pid = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ')[0]);
    ip('link', 'add', this.port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', `${pid}`);
    ip('link', 'set', this.port, 'master', 'lan', 'up');
    this.runNow('ip', 'address', 'add', `${this.address}/24`, 'dev', 'eth0');
    this.runNow('ip', 'link', 'set', 'eth0', 'up');
  }

  /** The words before a command that is to run on this host. */
  get entering() {
    return ['-t', `${this.#pid}`, '-m', '-u', '-n', '-p', '--wd=/', 'env', '-i', `PATH=${path}`,
      'HOME=/root', 'LANG=C.UTF-8'];
  }

  /** Runs a command here and returns what it printed; fails if it does. */
  runNow(...words) {
    return done('nsenter', [...this.entering, ...words]);
  }

  /** Runs a script of bash here; fails with all it said unless it ends well. Returns its output. */
  async run(script, { timeout = 60_000 } = {}) {
    const child = this.spawn('script', 'bash', ['-euo', 'pipefail', '-c', script]);
    const { code } = await child.exit(timeout);
    if (code !== 0) {
      throw new Error(`on ${this.name}: ${script}\nended with ${code}:\n${child.tail(40)}`);
    }
    return child.output;
  }

  /** Starts a program here. It ends with the host. */
  spawn(name, command, args, { env = {} } = {}) {
    const pairs = Object.entries(env).map(([key, value]) => `${key}=${value}`);
    return new Child(`${this.name} ${name}`, 'nsenter',
      [...this.entering, ...pairs, command, ...args]);
  }

  /** Lets every packet to and from this host vanish; nobody is told. */
  cut() {
    done('bridge', ['link', 'set', 'dev', this.port, 'state', '0']);
  }

  /** Pulls the plug: packets vanish, and both sides see that the wire is dead. */
  unplug() {
    ip('link', 'set', this.port, 'down');
  }

  heal() {
    ip('link', 'set', this.port, 'up');
    done('bridge', ['link', 'set', 'dev', this.port, 'state', '3']);
  }

  /** Delays every packet to this host by so many milliseconds; 0 ends that. Needs `delays`. */
  delay(ms) {
    spawnSync('tc', ['qdisc', 'del', 'dev', this.port, 'root']);
    if (ms > 0) done('tc', ['qdisc', 'add', 'dev', this.port, 'root', 'netem', 'delay', `${ms}ms`]);
  }

  /** What units of this host have printed, for reports. */
  journal(unit, lines = 30) {
    try {
      return this.runNow('tail', '-n', `${lines}`, `/var/log/journal/${unit}.service.log`);
    } catch {
      return '';
    }
  }

  /** Ends everything that runs here at once and forgets its disk. */
  async powerOff() {
    await this.#anchor.kill();
    // The kernel takes its end of the wire away, too, but in its own time.
    spawnSync('ip', ['link', 'delete', this.port]);
  }
}

/** Waits until a coordinator answers at this URL. */
export function serving(url, timeout = 30_000) {
  return until(async () => (await fetch(`${url}/health`, { signal: AbortSignal.timeout(1000) })
    .catch(() => null))?.ok, { timeout, what: `${url} to serve` });
}

function ip(...words) {
  return done('ip', words);
}

function done(command, words) {
  const result = spawnSync(command, words, { encoding: 'utf8', timeout: 20_000 });
  if (result.status !== 0) {
    throw new Error(`${command} ${words.join(' ')}: ${result.stderr ?? result.error?.message}`);
  }
  return result.stdout;
}
