// Runs inside the context of a script that fetches (see realm.mjs): the answer, as web programs
// know it.

export function realmFetch(decodeText) {
  'use strict';

  class Headers {
    #entries;

    constructor(entries) {
      this.#entries = new Map(entries);
    }

    get(name) {
      return this.#entries.get(String(name).toLowerCase()) ?? null;
    }

    has(name) {
      return this.#entries.has(String(name).toLowerCase());
    }

    forEach(visit) {
      for (const [name, value] of this.#entries) visit(value, name, this);
    }

    keys() {
      return this.#entries.keys();
    }

    values() {
      return this.#entries.values();
    }

    entries() {
      return this.#entries.entries();
    }

    [Symbol.iterator]() {
      return this.#entries.entries();
    }
  }

  class Response {
    #bytes;
    #used = false;

    constructor({ status, statusText, headers, url, redirected }, bytes) {
      Object.assign(this, { status, statusText, url, redirected, type: 'basic' });
      this.ok = status >= 200 && status < 300;
      this.headers = new Headers(Object.entries(headers));
      this.#bytes = bytes;
    }

    get bodyUsed() {
      return this.#used;
    }

    async arrayBuffer() {
      return this.#take().buffer;
    }

    async bytes() {
      return this.#take();
    }

    async text() {
      return decodeText(this.#take());
    }

    async json() {
      return JSON.parse(decodeText(this.#take()));
    }

    clone() {
      if (this.#used) throw new TypeError('the body is used already');
      return new Response({ ...this, headers: Object.fromEntries(this.headers) }, this.#bytes);
    }

    #take() {
      if (this.#used) throw new TypeError('the body is used already');
      this.#used = true;
      return this.#bytes.slice();
    }
  }

  // The bytes come from outside and are copied: their memory may hold more than this answer.
  return (answer) => new Response(answer, new Uint8Array(answer.body));
}
