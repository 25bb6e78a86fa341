// The one provider behind all scripts of the corpus. It is told which requests a run will make, and
// what to answer. Whatever else comes, and whatever does not, is a fault.

import { createServer } from 'node:http';
import { isDeepStrictEqual } from 'node:util';

export class ScriptedProvider {
  #asks = [];
  #anyOrder = false;
  #auth = {};
  #host = '';
  #faults = [];

  constructor() {
    this.server = createServer((request, response) => this.#take(request, response));
  }

  /**
   * Tells what comes next. `auth` is `{ headers, query }` that every request must carry, `host` the
   * one it is meant for. An ask may name others, or be `open`, which is without credentials.
   */
  expect({ asks = [], anyOrder = false, auth, host }) {
    this.#asks = [...asks];
    this.#anyOrder = anyOrder;
    this.#auth = auth;
    this.#host = host;
    this.#faults = [];
  }

  /** Returns what was wrong since `expect`, one sentence each. */
  faults() {
    return [...this.#faults, ...this.#asks.map(({ ask }) => `never came: ${ask}`)];
  }

  async #take(request, response) {
    const body = await bodyOf(request);
    const found = this.#find(request, body);
    if (typeof found === 'string') {
      this.#faults.push(found);
      response.writeHead(418, { 'content-type': 'text/plain' }).end('nobody expected this');
      return;
    }
    this.#asks.splice(this.#asks.indexOf(found), 1);
    answer(response, found);
  }

  // Returns the ask that a request fits, or in which way it fits none.
  #find(request, body) {
    const what = `${request.method} ${request.url}`;
    if (this.#asks.length === 0) return `unexpected: ${what}`;
    const candidates = this.#anyOrder ? this.#asks : this.#asks.slice(0, 1);
    let closest;
    for (const one of candidates) {
      const misfit = this.#misfit(one, request, body);
      if (misfit === undefined) return one;
      closest ??= `${what}\n    for ${one.ask}: ${misfit}`;
    }
    return closest;
  }

  #misfit(one, request, body) {
    const auth = one.open ? {} : (one.auth ?? this.#auth);
    return (
      lineMisfit(one.ask, request, auth.query) ??
      headerMisfit({ ...auth.headers, ...one.headers }, request.headers) ??
      hostMisfit(one.host ?? this.#host, request.headers) ??
      (one.open ? openMisfit(this.#auth, request.headers) : undefined) ??
      bodyMisfit(one, body)
    );
  }
}

async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

function pairsOf(url) {
  return [...url.searchParams].map(([name, value]) => `${name}=${value}`).sort();
}

function lineMisfit(ask, request, query = {}) {
  const [, method, path] = /^(\S+) (.*)$/.exec(ask);
  if (method !== request.method) return 'another method';
  const wanted = new URL(path, 'http://provider');
  for (const [name, value] of Object.entries(query)) wanted.searchParams.append(name, value);
  const got = new URL(request.url, 'http://provider');
  if (wanted.pathname !== got.pathname) return 'another path';
  if (!isDeepStrictEqual(pairsOf(wanted), pairsOf(got))) {
    return `another query: ${pairsOf(got).join(' ')} instead of ${pairsOf(wanted).join(' ')}`;
  }
  return undefined;
}

// A header that is wanted as null must be absent.
function headerMisfit(wanted, got) {
  for (const [name, value] of Object.entries(wanted)) {
    if ((got[name] ?? null) !== value) return `${name} is ${got[name]} instead of ${value}`;
  }
  return undefined;
}

function hostMisfit(wanted, headers) {
  const got = headers['x-forwarded-host'];
  return got === wanted ? undefined : `it was meant for ${got} instead of ${wanted}`;
}

// Requests that the platform must not sign carry none of the connection's secrets.
function openMisfit(auth, headers) {
  const secret = Object.keys(auth.headers ?? {}).find((name) => headers[name] !== undefined);
  return secret && `the header ${secret} does not belong there`;
}

function bodyMisfit({ json, form, body: text }, got) {
  if (json !== undefined) {
    let value;
    try {
      value = JSON.parse(got);
    } catch {
      return `no JSON: ${got}`;
    }
    return isDeepStrictEqual(value, json) ? undefined : `another body: ${got}`;
  }
  const wanted = form === undefined ? (text ?? '') : new URLSearchParams(form).toString();
  return got === wanted ? undefined : `another body: ${got || 'none'}`;
}

function answer(response, one) {
  if (!one.breaks) return send(response, one);
  response.writeHead(200, { 'content-length': 100 });
  return response.write('{', () => response.socket.destroy());
}

function send(response, { status = 200, answer: json, text, bytes, answerHeaders = {} }) {
  const kind =
    json !== undefined
      ? 'application/json'
      : bytes
        ? 'application/octet-stream'
        : 'text/plain; charset=utf-8';
  response.writeHead(status, { 'content-type': kind, ...answerHeaders });
  response.end(json !== undefined ? JSON.stringify(json) : (bytes ?? text ?? ''));
}
