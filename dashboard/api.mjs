// The calls of Varia's HTTP API. The session is a cookie that no script can read; whatever changes
// something carries the session's token beside it, which no other site knows.

const patience = 30_000;

let session = null;
const listeners = new Set();

/** What the server refused, with its status and code, in words for people. */
export class Refusal extends Error {
  constructor(status, code, message) {
    super(message);
    Object.assign(this, { status, code });
  }
}

/** The facts of the session: environment, key_name, scopes; null before anyone has signed in. */
export function currentSession() {
  return session;
}

/**
 * Has `act` called with the session when it begins, and with null when it ends; then also with
 * whether it ended by itself.
 */
export function onSession(act) {
  listeners.add(act);
}

function setSession(facts, hasEnded = false) {
  session = facts;
  for (const act of listeners) act(facts, hasEnded);
}

/** Whether the key of the session has a scope, by its name or by a wildcard. */
export function may(scope) {
  return (session?.scopes ?? []).some((own) => covers(own, scope));
}

/** Whether a scope that was given covers one that is asked for. */
export function covers(given, asked) {
  if (given === '*' || given === asked) return true;
  return given.endsWith(':*') && asked.startsWith(given.slice(0, -1));
}

/** Begins a session with an API key. */
export async function signIn(key) {
  setSession(await send('POST', '/varia/session', { body: { key } }));
}

/** Finds the session that the browser has, if it has one. */
export async function resume() {
  try {
    setSession(await send('GET', '/varia/session'));
  } catch (error) {
    if (error.status !== 401) throw error;
    setSession(null);
  }
}

/** Ends the session, here and on the server. */
export async function signOut() {
  await send('DELETE', '/varia/session').catch(() => {});
  setSession(null);
}

/**
 * Answers the body of a GET, which a `signal` gives up. A refusal is thrown; without a session the
 * sign-in is shown.
 */
export function get(path, query = {}, { signal } = {}) {
  return call('GET', path, { query, signal });
}

/** Sends a change, with a body of JSON. */
export function change(method, path, body) {
  return call(method, path, { body });
}

async function call(method, path, options) {
  try {
    return await send(method, path, options);
  } catch (error) {
    if (error.status === 401 && session) setSession(null, true);
    throw error;
  }
}

/** Returns a path with its query; what is null or empty is left out. */
export function pathWith(path, query = {}) {
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') words.set(name, value);
  }
  return words.size > 0 ? `${path}?${words}` : path;
}

async function send(method, path, { query, body, signal } = {}) {
  const limit = AbortSignal.timeout(patience);
  const answer = await fetch(pathWith(path, query), {
    method,
    headers: headersFor(method, body),
    body: body === undefined ? undefined : JSON.stringify(body),
    credentials: 'same-origin',
    cache: 'no-store',
    signal: signal ? AbortSignal.any([signal, limit]) : limit,
  }).catch(explainSilence);
  const text = await answer.text();
  const value = parsed(text);
  if (!answer.ok) throw refusalOf(answer.status, value);
  return value;
}

function headersFor(method, body) {
  const all = {};
  if (body !== undefined) all['Content-Type'] = 'application/json';
  if (method !== 'GET' && session) all['X-Varia-Csrf'] = session.csrf;
  return all;
}

function explainSilence(error) {
  if (error.name === 'AbortError') throw error;
  const late = error.name === 'TimeoutError';
  throw new Refusal(0, 'no_answer',
    late ? 'Varia has not answered in time' : 'Varia is out of reach');
}

function parsed(text) {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

function refusalOf(status, value) {
  const error = value?.error ?? {};
  const faults = (error.errors ?? value?.errors ?? [])
    .map((each) => [each.path?.join?.('.') || null, each.message].filter(Boolean).join(': '));
  const message = faults.length > 0 ? faults.join('; ') : error.message;
  return new Refusal(status, error.code ?? 'unknown', message || `Varia answered ${status}`);
}
