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
    [Array, Array.isArray],
    [Map, host.types.isMap],
    [Set, host.types.isSet],
    [Promise, host.types.isPromise],
  ]) {
    Object.defineProperty(type, Symbol.hasInstance, {
      value(value) {
        return inherited.call(this, value) || (this === type && test(value));
      },
    });
  }
  Error.stackTraceLimit = 30;
  // It would change a pattern that all scripts share.
  delete RegExp.prototype.compile;

  const define = (name, value) =>
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });

  define('setTimeout', (callback, delay, ...args) => {
    if (typeof callback !== 'function') throw new TypeError('setTimeout needs a function');
    return host.setTimeout(() => callback(...args), Number(delay));
  });
  const write = (...args) => void host.console(args);
  const consoleNames = [
    ...['count', 'debug', 'dir', 'error', 'group', 'groupEnd', 'info', 'log', 'table', 'time'],
    ...['timeEnd', 'timeLog', 'trace', 'warn'],
  ];
  define('console', {
    ...Object.fromEntries(consoleNames.map((name) => [name, write])),
    assert: (isTrue, ...args) => void (isTrue || write('assertion failed', ...args)),
  });

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

  // All that wait for the next turn of the event loop share one promise, and so one turn.
  let turn;
  const nextTurn = () =>
    (turn ??= new Promise((resolve) => {
      host.nextTurn(() => {
        turn = undefined;
        resolve();
      });
    }));

  const settled = Promise.resolve();

  // Loops of calls that nobody has to be asked for would keep the process from everything else.
  const paced = (method) =>
    async function (...args) {
      if (host.isCrowded()) await nextTurn();
      return await method(...args);
    };

  const makers = {
    values: paced,
    // Logging a million lines must cost next to nothing, so there is no promise for each.
    silent: (method) => (...args) => {
      try {
        method(...args);
      } catch (error) {
        return Promise.reject(error);
      }
      return host.isCrowded() ? nextTurn() : settled;
    },
    maps: (entries) => {
      const get = paced(entries);
      return async (...args) => new Map(await get(...args));
    },
    generators: (generator) =>
      async function* (...args) {
        yield* generator(...args);
      },
  };

  function makeNango({ properties, ...methods }) {
    const target = Object.assign(Object.create(null), { ActionError });
    for (const [name, value] of Object.entries(properties)) {
      const isObject = typeof value === 'object' && value !== null;
      target[name] = isObject ? Object.freeze({ ...value }) : value;
    }
    if (properties.lastSyncDate !== undefined)
      target.lastSyncDate = new Date(properties.lastSyncDate);
    for (const [kind, make] of Object.entries(makers)) {
      for (const [name, method] of Object.entries(methods[kind])) target[name] = make(method);
    }
    return new Proxy(Object.freeze(target), {
      get(object, name) {
        if (blocked.has(name)) throw new Error(`Access to "${String(name)}" is not allowed.`);
        return object[name];
      },
    });
  }

  // Headers of a response: plain properties, and the two questions that axios answers.
  const headersPrototype = Object.create(Object.prototype, {
    get: {
      value(name) {
        return this[String(name).toLowerCase()];
      },
    },
    has: {
      value(name) {
        return Object.hasOwn(this, String(name).toLowerCase());
      },
    },
  });

  return {
    makeNango,
    parse: JSON.parse,
    copy: (object) => ({ ...object }),
    headers: (object) => Object.assign(Object.create(headersPrototype), object),
    module: { exports: {} },
    require: (name) => host.require(String(name)),
    prototypes: [Promise.prototype, Error.prototype],
  };
}
