// Runs inside the context of each script: its text is compiled there, so it may name nothing from
// outside itself but `host`. What a script gets to touch is made here, out of the context's own
// classes; that way its promises and dates are its own, and a lost promise tells whose it was.

export function realm(host) {
  'use strict';

  // Values from outside the context count as what they are.
  const inherited = Function.prototype[Symbol.hasInstance];
  for (const [type, test] of [
    [Error, host.types.isNativeError],
    [Date, host.types.isDate],
    [Uint8Array, host.types.isUint8Array],
  ]) {
    Object.defineProperty(type, Symbol.hasInstance, {
      value(value) {
        return inherited.call(this, value) || (this === type && test(value));
      },
    });
  }
  Error.stackTraceLimit = 30;

  const define = (name, value) =>
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });

  define('setTimeout', (callback, delay, ...args) => {
    if (typeof callback !== 'function') throw new TypeError('setTimeout needs a function');
    return host.setTimeout(() => callback(...args), Number(delay));
  });
  const consoleNames = ['debug', 'dir', 'error', 'info', 'log', 'table', 'trace', 'warn'];
  define(
    'console',
    Object.fromEntries(consoleNames.map((name) => [name, (...args) => void host.console(args)])),
  );

  class ActionError extends Error {
    constructor(payload) {
      super(typeof payload?.message === 'string' ? payload.message : '');
      this.name = 'ActionError';
      this.type = 'action_script_runtime_error';
      this.payload = payload ?? {};
    }
  }

  const blocked = new Set([
    ...['nango', 'persistClient', 'abortSignal', 'lifecycle', 'modelFullName', 'telemetryBag'],
    ...['constructor', 'prototype', '__proto__', '__defineGetter__', '__defineSetter__'],
    ...['__lookupGetter__', '__lookupSetter__'],
  ]);

  function makeNango({ properties, methods, maps, generators, missing }) {
    const target = Object.assign(Object.create(null), properties, { ActionError });
    if (properties.lastSyncDate !== undefined)
      target.lastSyncDate = new Date(properties.lastSyncDate);
    for (const [name, method] of Object.entries(methods)) {
      target[name] = async (...args) => await method(...args);
    }
    for (const [name, entries] of Object.entries(maps)) {
      target[name] = async (...args) => new Map(await entries(...args));
    }
    for (const [name, generator] of Object.entries(generators)) {
      target[name] = async function* (...args) {
        yield* generator(...args);
      };
    }
    for (const name of missing) {
      target[name] = () => {
        throw new Error(`nango.${name} is not available in this version of Varia`);
      };
    }
    return new Proxy(Object.freeze(target), {
      get(object, name) {
        if (blocked.has(name)) throw new Error(`Access to "${String(name)}" is not allowed.`);
        return object[name];
      },
    });
  }

  return { makeNango, parse: JSON.parse, promisePrototype: Promise.prototype };
}
