// A redis-server of our own in a temporary folder, and a connection that does no more than needed.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { until } from '../../../examples/debian/lib/processes.mjs';

const patience = 60_000;

/** A server that flushes its log each second and never rewrites it. Gone with this process. */
export class Server {
  #folder = mkdtempSync(join(tmpdir(), 'varia-models-'));
  #process;
  #clean = () => {
    this.#process.kill('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  };

  static async start() {
    const server = new Server();
    server.#process = spawn('redis-server', [
      '--port', '0', '--unixsocket', server.#socket, '--dir', server.#folder, '--save', '',
      '--appendonly', 'yes', '--appendfsync', 'everysec', '--auto-aof-rewrite-percentage', '0',
    ], { stdio: 'ignore' });
    process.once('exit', server.#clean);
    await once(server.#process, 'spawn');
    const ready = () => server.connect().then((one) => one.close() ?? true, () => false);
    await until(ready, { timeout: 10_000, what: 'redis-server' });
    return server;
  }

  async connect() {
    const socket = connect(this.#socket);
    await once(socket, 'connect');
    return new Connection(socket);
  }

  async stop() {
    process.off('exit', this.#clean);
    const { exitCode, signalCode } = this.#process;
    const ended = exitCode === null && signalCode === null && once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
    this.#clean();
  }

  get #socket() {
    return join(this.#folder, 'socket');
  }
}

/** One connection that asks one thing at a time. Texts in answers are buffers. */
class Connection {
  #socket;
  #chunks = [];
  #waiting;

  constructor(socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => this.#take(chunk));
    socket.setTimeout(patience, () => socket.destroy(new Error('redis-server is silent')));
    socket.on('error', (error) => this.#waiting?.reject(error));
    socket.on('close', () => this.#waiting?.reject(new Error('redis-server hung up')));
  }

  /** Sends a command that is encoded already. */
  send(bytes) {
    this.#socket.write(bytes);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  call(...words) {
    return this.send(encode(words));
  }

  /** Returns the figures of INFO by name. */
  async info() {
    const lines = (await this.call('INFO', 'everything')).toString().matchAll(/^(\w+):(.*)\r$/gm);
    return Object.fromEntries(Array.from(lines, ([, name, value]) => [name, Number(value)]));
  }

  close() {
    this.#waiting = undefined;
    this.#socket.destroy();
  }

  #take(chunk) {
    this.#chunks.push(chunk);
    const all = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    const found = decode(all, 0);
    if (!found) {
      this.#chunks = [all];
      return;
    }
    const { resolve, reject } = this.#waiting;
    this.#chunks = [];
    if (found.value instanceof Error) reject(found.value);
    else resolve(found.value);
  }
}

function encode(words) {
  const bulk = (word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`;
  return Buffer.from(`*${words.length}\r\n${words.map((word) => bulk(String(word))).join('')}`);
}

/** Reads one answer of RESP2; returns `{ value, end }`, or nothing if it is not all there. */
function decode(bytes, at) {
  const eol = bytes.indexOf('\r\n', at);
  if (eol < 0) return undefined;
  const text = bytes.latin1Slice(at + 1, eol);
  let end = eol + 2;
  switch (bytes[at]) {
    case 0x2b: return { value: text, end };
    case 0x2d: return { value: new Error(text), end };
    case 0x3a: return { value: Number(text), end };
    case 0x24: {
      const size = Number(text);
      if (size < 0) return { value: null, end };
      if (bytes.length < end + size + 2) return undefined;
      return { value: bytes.subarray(end, end + size), end: end + size + 2 };
    }
    default: {
      const value = [];
      for (let count = Number(text); count > 0; count -= 1) {
        const one = decode(bytes, end);
        if (!one) return undefined;
        value.push(one.value);
        end = one.end;
      }
      return { value, end };
    }
  }
}
