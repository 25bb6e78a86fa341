// A cluster of single processes over Redis servers that a test may hurt.

import { Nango } from '@nangohq/node';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  apiKey, Child, freePort, program, temporaryFolder, testProject, until, Varia,
} from './support.mjs';

/** One redis-server at a port of 127.0.0.1, which keeps its data over restarts. */
export class RedisServer {
  static async start(t, { folder, flags = [] } = {}) {
    const server = new RedisServer();
    server.folder = folder ?? await temporaryFolder(t);
    server.port = await freePort();
    server.flags = flags;
    await server.run();
    t.after(() => server.child.kill());
    return server;
  }

  get url() {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts the process and waits until it has loaded what it kept. */
  async run() {
    this.child = new Child('redis-server', 'redis-server', [
      '--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.folder, '--save', '',
      '--appendonly', 'yes', '--appendfsync', 'always', '--repl-diskless-sync-delay', '0',
      '--protected-mode', 'no', ...this.flags,
    ]);
    await until(async () => await this.ask('PING').catch(() => '') === '+PONG',
      { timeout: 20_000, what: 'Redis to answer' });
  }

  /** Sends one command and returns the first line of the answer. */
  ask(...words) {
    const text = `*${words.length}\r\n${words
      .map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
    return new Promise((resolve, reject) => {
      const socket = connect(this.port, '127.0.0.1', () => socket.write(text));
      let answer = '';
      socket.setTimeout(5_000, () => socket.destroy(new Error('Redis is silent')));
      socket.on('error', reject);
      socket.on('close', () => reject(new Error('Redis has closed the connection')));
      socket.on('data', (bytes) => {
        answer += bytes;
        if (!answer.includes('\r\n')) return;
        resolve(answer.slice(0, answer.indexOf('\r\n')));
        socket.destroy();
      });
    });
  }

  /** As `ask`, but an error fails. */
  async tell(...words) {
    const answer = await this.ask(...words);
    if (answer.startsWith('-')) throw new Error(`${words.join(' ')}: ${answer}`);
    return answer;
  }
}

/** A Sentinel at a port of 127.0.0.1 that watches `master` under the name "varia". */
export async function startSentinel(t, master, quorum) {
  const folder = await temporaryFolder(t);
  const port = await freePort();
  const file = join(folder, 'sentinel.conf');
  await writeFile(file, [
    `port ${port}`, 'bind 127.0.0.1', 'protected-mode no', `dir ${folder}`,
    `sentinel monitor varia 127.0.0.1 ${master.port} ${quorum}`,
    'sentinel down-after-milliseconds varia 1000', 'sentinel failover-timeout varia 5000', '',
  ].join('\n'));
  const child = new Child('sentinel', 'redis-server', [file, '--sentinel']);
  t.after(() => child.kill());
  await child.line(/\+monitor master varia/, 20_000);
  return { port, child };
}

/** A coordinator and workers as an operator starts them. The rest is as with `varia dev`. */
export class Cluster extends Varia {
  static async start(t, redisUrl, { workers = 2, flags = [] } = {}) {
    const cluster = new Cluster();
    const listen = `127.0.0.1:${await freePort()}`;
    cluster.port = await freePort();
    cluster.url = `http://127.0.0.1:${cluster.port}`;
    cluster.nango = new Nango({ host: cluster.url, secretKey: apiKey });
    cluster.children = [];
    const run = (name, args) => {
      const child = new Child(name, program, [...args, '--redis', redisUrl, ...flags],
        { env: { VARIA_API_KEY: apiKey } });
      cluster.children.push(child);
      t.after(() => child.stop());
    };
    run('coordinator', ['coordinator', '--listen', listen, '--http', `127.0.0.1:${cluster.port}`]);
    for (let i = 0; i < workers; i += 1) {
      run(`worker ${i}`, ['worker', '--join', listen, '--name', `worker-${i}`]);
    }
    await until(async () => {
      const answer = await cluster.call('GET', '/varia/workers').catch(() => ({}));
      return answer.body?.workers?.filter(({ alive }) => alive).length === workers;
    }, { timeout: 60_000, what: 'the workers to join', detail: () => cluster.tail() });
    const deploy = new Child('deploy', program,
      ['deploy', testProject, '--url', cluster.url, '--api-key', apiKey]);
    const { code } = await deploy.exit(60_000);
    if (code !== 0) throw new Error(`no deployment:\n${deploy.tail()}`);
    return cluster;
  }

  tail() {
    return this.children.map((child) => child.tail()).join('\n');
  }
}

/** Makes a folder on a small disk of its own; returns undefined where that is not allowed. */
export async function smallDisk(t, size) {
  const folder = await mkdtemp(join(tmpdir(), 'varia-e2e-'));
  const mount = new Child('mount', 'mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder]);
  const { code } = await mount.exit();
  t.after(async () => {
    if (code === 0) await new Child('umount', 'umount', ['-l', folder]).exit();
    await rm(folder, { recursive: true });
  });
  return code === 0 ? folder : undefined;
}

/** Does something again and again while a part of the cluster refuses. */
export async function patiently(work, timeout = 60_000) {
  const end = Date.now() + timeout;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
