// The worker's side of the wire, for tests: starts a child, answers its calls from a table.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const sources = fileURLToPath(new URL('../../../worker/runtime/', import.meta.url));
const { decode, encode } = createRequire(join(sources, 'package.json'))('@msgpack/msgpack');

/** Where the bundled runtime is: the build's own, or one made for this test process. */
export async function runtimeDir() {
  if (process.env.VARIA_RUNTIME_DIR) return process.env.VARIA_RUNTIME_DIR;
  const dir = mkdtempSync(join(tmpdir(), 'varia-runtime-'));
  process.on('exit', () => rmSync(dir, { recursive: true, force: true }));
  const { build } = await import(join(sources, 'build.mjs'));
  await build(dir);
  symlinkSync(join(sources, 'node_modules'), join(dir, 'node_modules'));
  return dir;
}

export const context = {
  variant: 'base',
  connectionId: 'c1',
  providerConfigKey: 'shop',
  provider: 'unauthenticated',
  environmentName: 'dev',
  syncName: 'orders',
  syncId: 's1',
  runId: 'r1',
  models: ['Order'],
};

export const shaOf = (code) => createHash('sha256').update(code).digest('hex');

/** An error for a handler to throw: it is answered with an ERROR frame. */
export function refusal(type, message, code) {
  return Object.assign(new Error(message), { type, code });
}

/** The text of a bundle whose exec has this body. */
export function script(body, top = '') {
  const exec = `async (nango) => {${body}}`;
  return `${top}\nmodule.exports = { default: { type: 'sync', exec: ${exec} } };`;
}

export class Host {
  frames = [];
  #child;
  #buffer = Buffer.alloc(0);
  #runs = new Map();
  #waiting = [];
  #lastRun = 0;

  static async start() {
    const host = new Host(join(await runtimeDir(), 'child.cjs'));
    host.hello = await host.next(0, 16);
    return host;
  }

  constructor(program) {
    this.#child = spawn(process.execPath, [program], {
      env: {},
      stdio: ['ignore', 'inherit', 'pipe', 'pipe'],
    });
    this.stderr = '';
    this.#child.stderr.on('data', (text) => (this.stderr += text));
    this.exited = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.stdio[3].on('data', (chunk) => this.#read(chunk));
  }

  get alive() {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  send(run, kind, body) {
    const bytes = encode(body, { ignoreUndefined: true });
    const header = Buffer.alloc(9);
    header.writeUInt32BE(bytes.length + 5, 0);
    header.writeUInt32BE(run, 4);
    header.writeUInt8(kind, 8);
    this.#child.stdio[3].write(Buffer.concat([header, bytes]));
  }

  sendBytes(bytes) {
    this.#child.stdio[3].write(bytes);
  }

  /** Resolves to the body of the next frame of a kind for a run. */
  next(run, kind) {
    return new Promise((resolve) => this.#waiting.push({ run, kind, resolve }));
  }

  /** Starts a run. `handlers` answer its calls; a method without one is answered with nil. */
  run(code, { handlers = {}, file = 'shop/syncs/orders.ts', known = false, ...more } = {}) {
    const id = (this.#lastRun += 1);
    const run = { id, calls: [], logs: [], handlers, done: this.next(id, 18) };
    this.#runs.set(id, run);
    this.send(id, 1, {
      sha: shaOf(code),
      code: known ? undefined : code,
      file,
      context: { ...context, ...more.context },
    });
    return run;
  }

  /** Makes what `send` sends within one write, so that the child reads it all at once. */
  together(work) {
    this.#child.stdio[3].cork();
    const result = work();
    this.#child.stdio[3].uncork();
    return result;
  }

  /** Closes the socket, as the end of a worker would. */
  hangUp() {
    this.#child.stdio[3].destroy();
  }

  async stop() {
    this.send(0, 8, {});
    return await this.exited;
  }

  async #read(chunk) {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    while (this.#buffer.length >= 9) {
      const end = 4 + this.#buffer.readUInt32BE(0);
      if (this.#buffer.length < end) return;
      const [run, kind] = [this.#buffer.readUInt32BE(4), this.#buffer.readUInt8(8)];
      const body = decode(this.#buffer.subarray(9, end));
      this.#buffer = this.#buffer.subarray(end);
      this.#take(run, kind, body);
    }
  }

  #take(run, kind, body) {
    this.frames.push({ run, kind, body });
    if (kind === 17) this.#answer(run, body);
    if (kind === 19) this.#runs.get(run)?.logs.push(body);
    const index = this.#waiting.findIndex((wait) => wait.run === run && wait.kind === kind);
    if (index >= 0) this.#waiting.splice(index, 1)[0].resolve(body);
  }

  async #answer(id, { seq, method, args }) {
    const run = this.#runs.get(id);
    run.calls.push({ method, args });
    try {
      const value = await run.handlers[method]?.(args, run.calls.length);
      this.send(id, 2, { seq, value: value ?? null });
    } catch ({ type, message, code }) {
      this.send(id, 3, { seq, type, message, code });
    }
  }
}

/** Answers `http` calls with JSON; `route(url, args)` gives {status, body, headers}. */
export function jsonServer(route) {
  return (args) => {
    const { status = 200, body, headers = {} } = route(args.url, args);
    return {
      status,
      headers: { 'content-type': 'application/json', ...headers },
      body: Buffer.from(JSON.stringify(body)),
      url: args.url,
    };
  };
}

/** The records of a batchSave or batchDelete call. */
export function recordsOf({ args }) {
  const text = Buffer.from(args.text);
  let start = 0;
  return args.ends.map((end) => {
    const record = JSON.parse(text.toString('utf8', start, end));
    start = end;
    return record;
  });
}
