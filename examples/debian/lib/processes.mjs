// Child processes that are watched from start to end, and waits that give up.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const outputMax = 256 * 1024;

/** One child process. What it prints is kept, up to a bound, for error messages. */
export class Child {
  #process;
  #output = '';
  #exited;

  /** Starts a program. `env` is added to the environment of this process. */
  constructor(name, command, args, { env = {}, cwd } = {}) {
    this.name = name;
    this.#process = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#exited = new Promise((resolve) => {
      this.#process.once('error', (error) => {
        this.#keep(`${error.message}\n`);
        resolve({ code: null, signal: null });
      });
      this.#process.once('exit', (code, signal) => resolve({ code, signal }));
    });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text) => this.#keep(text));
    }
  }

  get pid() {
    return this.#process.pid;
  }

  /** Everything it printed lately, standard output and error together. */
  get output() {
    return this.#output;
  }

  get running() {
    return this.pid !== undefined && this.#process.exitCode === null &&
      this.#process.signalCode === null;
  }

  /** Waits for a line that matches, and returns the match. Fails if the child ends before. */
  async line(pattern, timeout = 20_000) {
    return until(() => {
      const found = this.#output.match(pattern);
      if (!found && !this.running) throw new Error(`${this.name} ended early:\n${this.tail()}`);
      return found;
    }, { timeout, what: `${this.name} to print ${pattern}`, every: 20, detail: () => this.tail() });
  }

  /** Waits for the end; returns `{ code, signal }`. */
  async exit(timeout = 20_000) {
    const timer = new AbortController();
    const late = sleep(timeout, 'late', { signal: timer.signal }).catch(() => {});
    const ended = await Promise.race([this.#exited, late]);
    timer.abort();
    if (ended === 'late') throw new Error(`${this.name} did not end in ${timeout} ms`);
    return ended;
  }

  signal(name) {
    if (this.running) this.#process.kill(name);
  }

  /** Asks it to end, and kills it if it does not in time. Returns `{ code, signal }`. */
  async stop(timeout = 12_000) {
    this.signal('SIGTERM');
    try {
      return await this.exit(timeout);
    } catch {
      return this.kill();
    }
  }

  async kill() {
    this.signal('SIGKILL');
    return this.exit();
  }

  tail(lines = 20) {
    return this.#output.trimEnd().split('\n').slice(-lines).join('\n');
  }

  #keep(text) {
    this.#output = (this.#output + text).slice(-outputMax);
  }
}

/**
 * Asks again and again until the answer is truthy, and returns it. What it throws ends the wait.
 * Fails after `timeout` milliseconds with words that say what it waited for.
 */
export async function until(ask, { timeout, what, every = 50, detail = () => '' }) {
  const end = performance.now() + timeout;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (performance.now() >= end) {
      throw new Error(`waited ${timeout} ms for ${what} ${detail()}`.trim());
    }
    await sleep(every);
  }
}

/** Returns a loopback port that nobody listens on at the moment. */
export async function freePort() {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
