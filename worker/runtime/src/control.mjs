// The script's methods that concern other runs: locks between them, and starting some.

import { AxiosError } from './errors.mjs';
import { statusText } from './http.mjs';

const KEY_CHARS_MAX = 255;

// The older ways to say how a sync is triggered.
const modes = new Map([
  ['incremental', { reset: false, emptyCache: false }],
  ['full_refresh', { reset: true, emptyCache: false }],
  ['full_refresh_and_clear_cache', { reset: true, emptyCache: true }],
  [false, { reset: false, emptyCache: false }],
  [true, { reset: true, emptyCache: false }],
]);

function needText(value, what) {
  if (typeof value === 'string' && value !== '') return value;
  throw new TypeError(`${what} must be a text`);
}

function lockKey(options) {
  const key = needText(options?.key, 'the key of a lock');
  if (key.length <= KEY_CHARS_MAX) return key;
  throw new RangeError(`the key of a lock has at most ${KEY_CHARS_MAX} characters`);
}

function lockTime({ ttlMs }) {
  if (Number.isFinite(ttlMs) && ttlMs >= 1) return Math.ceil(ttlMs);
  throw new TypeError('a lock needs its ttlMs, a number of milliseconds');
}

function lockMethods(session) {
  return {
    tryAcquireLock: async (options) => {
      const args = { key: lockKey(options), ttlMs: lockTime(options) };
      return (await session.call('tryAcquireLock', args)) === true;
    },
    releaseLock: async (options) => {
      return (await session.call('releaseLock', { key: lockKey(options) })) === true;
    },
    releaseAllLocks: async () => void (await session.call('releaseAllLocks', {})),
  };
}

// A sync as `name`, `name::variant` or {name, variant}.
function syncOf(given) {
  if (typeof given === 'string') {
    const [name, variant = 'base'] = given.split('::');
    return { name: needText(name, 'the name of a sync'), variant: needText(variant, 'a variant') };
  }
  const name = needText(given?.name, 'the name of a sync');
  return { name, variant: needText(given.variant ?? 'base', 'a variant') };
}

function syncsOf(given) {
  return [given ?? []].flat().map(syncOf);
}

function optionsOf(given) {
  if (typeof given === 'object' && given !== null) {
    return { reset: given.reset === true, emptyCache: given.emptyCache === true };
  }
  const options = modes.get(given ?? false);
  if (!options) throw new TypeError(`not a way to trigger a sync: ${given}`);
  return options;
}

function connectionOf(connectionId) {
  if (connectionId === undefined || connectionId === null) return undefined;
  return needText(connectionId, 'a connection');
}

// Shaped like the error of a request to the API, which it is elsewhere.
function refusedAction(name, status, data) {
  const { code, message } = data?.error ?? {};
  const why = [code, message].filter(Boolean).join(': ');
  const response = { status, statusText: statusText(status), headers: {}, data };
  const config = { method: 'POST', url: '/action/trigger' };
  return new AxiosError(`the action ${name} failed: ${why}`, 'ERR_BAD_RESPONSE', config, response);
}

function triggers(session, parse) {
  const key = (given) => needText(given, 'the integration');
  return {
    triggerSync: async (providerConfigKey, connectionId, syncs, options) => {
      await session.call('triggerSync', {
        providerConfigKey: key(providerConfigKey),
        connectionId: connectionOf(connectionId),
        syncs: syncsOf(syncs),
        ...optionsOf(options),
      });
    },
    startSync: async (providerConfigKey, syncs, connectionId) => {
      await session.call('startSync', {
        providerConfigKey: key(providerConfigKey),
        connectionId: connectionOf(connectionId),
        syncs: syncsOf(syncs),
      });
    },
    triggerAction: async (providerConfigKey, connectionId, name, input) => {
      const { status, text } = await session.call('triggerAction', {
        providerConfigKey: key(providerConfigKey),
        connectionId: needText(connectionId, 'a connection'),
        name: needText(name, 'the name of an action'),
        json: JSON.stringify(input),
      });
      if (status === 200) return parse(text);
      throw refusedAction(name, status, parse(text));
    },
  };
}

/** `parse` is the JSON parser of the script's context. */
export function controlMethods(session, parse) {
  return { ...lockMethods(session), ...triggers(session, parse) };
}
