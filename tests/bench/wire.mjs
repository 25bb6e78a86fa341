// A thin HTTP client on one kept connection, so that the bench measures the server and not itself.

import { once } from 'node:events';
import { connect } from 'node:net';

export class Wire {
  #socket;
  #head;
  #waiting;
  #chunks = [];
  #size = 0;

  static async open(url, apiKey) {
    const { hostname, port } = new URL(url);
    const wire = new Wire();
    wire.#socket = connect({ host: hostname, port: Number(port), noDelay: true });
    await once(wire.#socket, 'connect');
    wire.#head = `Host: ${hostname}:${port}\r\nAuthorization: Bearer ${apiKey}\r\n`;
    wire.#socket.on('data', (chunk) => wire.#take(chunk));
    wire.#socket.on('error', (error) => wire.#waiting?.reject(error));
    wire.#socket.on('close', () => wire.#waiting?.reject(new Error('the server hung up')));
    return wire;
  }

  /** Sends one request and returns `{ status, body }`, the body as bytes. One at a time. */
  send(method, path, { headers = '', body } = {}) {
    const text = body === undefined ? '' : JSON.stringify(body);
    const type = body === undefined ? '' : 'Content-Type: application/json\r\n' +
      `Content-Length: ${Buffer.byteLength(text)}\r\n`;
    this.#socket.write(`${method} ${path} HTTP/1.1\r\n${this.#head}${headers}${type}\r\n${text}`);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject, need: Infinity };
    });
  }

  /** As `send`, but any other status than 2xx fails. */
  async ask(method, path, options) {
    const answer = await this.send(method, path, options);
    if (answer.status < 200 || answer.status > 299) {
      throw new Error(`${method} ${path} answered ${answer.status}: ${answer.body}`);
    }
    return answer.body;
  }

  close() {
    this.#waiting = undefined;
    this.#socket.destroy();
  }

  #take(chunk) {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#waiting.need === Infinity) this.#readHead();
    if (this.#size < this.#waiting.need) return;
    const all = Buffer.concat(this.#chunks);
    const { resolve, status, start } = this.#waiting;
    this.#chunks = [];
    this.#size = 0;
    resolve({ status, body: all.subarray(start) });
  }

  #readHead() {
    const all = Buffer.concat(this.#chunks);
    const end = all.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = all.toString('latin1', 0, end);
    const length = head.match(/^content-length: (\d+)$/im);
    if (!length) throw new Error('an answer without a length');
    this.#waiting.status = Number(head.slice(9, 12));
    this.#waiting.start = end + 4;
    this.#waiting.need = end + 4 + Number(length[1]);
  }
}
