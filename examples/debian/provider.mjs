// An HTTP API over the package index of this machine, with the manners of a real one: it wants a
// key, takes its time, hands out pages and refuses callers that ask too often.

import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';

import { parsePackages, readIndex } from './packages.mjs';
import { TokenBucket } from './lib/token_bucket.mjs';

export const defaults = { rate: 100, burst: 50, delayMin: 20, delayMax: 60 };

const limitDefault = 100;
const limitMax = 1000;

/** Thrown by a handler to answer with a status and a message for people. */
class Refusal extends Error {
  constructor(status, message, headers = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

/**
 * Makes the HTTP server, not yet listening. `packages` is sorted by id; `options` are the key that
 * callers must show and, if need be, other values than `defaults`.
 */
export function createProvider(packages, { key, ...options }) {
  const { rate, burst, delayMin, delayMax } = { ...defaults, ...options };
  const sections = bySection(packages);
  const bucket = new TokenBucket(rate, burst, performance.now());
  const stats = { requests: 0, pages: 0, refused: 0, unauthorized: 0 };

  const routes = {
    '/packages': (query) => {
      stats.pages += 1;
      return pageOf(query.has('section') ? sections.get(query.get('section')) ?? [] : packages,
        query);
    },
    '/sections': () => ({
      sections: [...sections].map(([name, list]) => ({ name, count: list.length })),
    }),
  };

  const answer = (request, url) => {
    if (request.method !== 'GET') throw new Refusal(405, 'only GET is answered');
    if (url.pathname === '/stats') return stats;
    const route = routes[url.pathname];
    if (!route) throw new Refusal(404, 'no such path');
    stats.requests += 1;
    if (request.headers['x-api-key'] !== key) {
      stats.unauthorized += 1;
      throw new Refusal(401, 'the header X-Api-Key is missing or wrong');
    }
    if (!bucket.take(performance.now())) {
      stats.refused += 1;
      throw new Refusal(429, `more than ${rate} requests a second`, { 'Retry-After': '1' });
    }
    return route(url.searchParams);
  };

  return createServer((request, response) => {
    const url = new URL(request.url, 'http://provider');
    try {
      const body = answer(request, url);
      const delay = url.pathname === '/stats' ? 0 : delayOf(request.url, delayMin, delayMax);
      setTimeout(() => send(response, 200, body), delay);
    } catch (error) {
      const status = error instanceof Refusal ? error.status : 500;
      send(response, status, { error: error.message }, error.headers);
    }
  });
}

/** Returns how long an answer takes: always the same for one request, spread over the range. */
export function delayOf(target, min, max) {
  let hash = 2166136261;
  for (let i = 0; i < target.length; i += 1) {
    hash = Math.imul(hash ^ target.charCodeAt(i), 16777619) >>> 0;
  }
  return min + (hash % (max - min + 1));
}

/** Returns one page of a list that is sorted by id, and the cursor of the next one. */
export function pageOf(list, query) {
  const limit = numberOf(query.get('limit') ?? limitDefault, 1, limitMax);
  const changedAfter = timeOf(query.get('changed_after'));
  const page = [];
  let i = query.has('cursor') ? indexAfter(list, idOf(query.get('cursor'))) : 0;
  for (; i < list.length && page.length < limit; i += 1) {
    if (changedAfter === null || Date.parse(list[i].changed_at) > changedAfter) page.push(list[i]);
  }
  return { packages: page, next_cursor: i < list.length ? cursorOf(page.at(-1).id) : null };
}

function bySection(packages) {
  const sections = new Map();
  for (const one of packages) {
    if (!sections.has(one.section)) sections.set(one.section, []);
    sections.get(one.section).push(one);
  }
  return new Map([...sections].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function cursorOf(id) {
  return Buffer.from(`after:${id}`).toString('base64url');
}

function idOf(cursor) {
  const text = Buffer.from(cursor, 'base64url').toString();
  if (!text.startsWith('after:')) throw new Refusal(400, 'the cursor is not one of ours');
  return text.slice('after:'.length);
}

function indexAfter(list, id) {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle].id <= id) low = middle + 1;
    else high = middle;
  }
  return low;
}

function numberOf(text, min, max) {
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new Refusal(400, `limit must be a whole number from ${min} to ${max}`);
  }
  return value;
}

function timeOf(text) {
  if (text === null) return null;
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new Refusal(400, 'changed_after must be an ISO 8601 time');
  return time;
}

function send(response, status, body, headers = {}) {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}

async function main() {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      key: { type: 'string', default: process.env.DEBIAN_API_KEY ?? '' },
      rate: { type: 'string', default: String(defaults.rate) },
      burst: { type: 'string', default: String(defaults.burst) },
      'delay-min': { type: 'string', default: String(defaults.delayMin) },
      'delay-max': { type: 'string', default: String(defaults.delayMax) },
    },
  });
  if (!values.key) throw new Error('give the key that callers must show: --key or DEBIAN_API_KEY');
  const ended = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => ended.abort());
  const index = await readIndex(ended.signal);
  const server = createProvider(parsePackages(index), {
    key: values.key, rate: Number(values.rate), burst: Number(values.burst),
    delayMin: Number(values['delay-min']), delayMax: Number(values['delay-max']),
  });
  server.listen({ port: Number(values.port), host: '127.0.0.1', signal: ended.signal }, () => {
    console.log(`ready http://127.0.0.1:${server.address().port}`);
  });
  ended.signal.addEventListener('abort', () => server.closeAllConnections());
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main().catch((error) => {
    if (error.code !== 'ABORT_ERR') throw error;
  });
}
