// Runs inside the context of each script: its text is compiled there, so it may name nothing from
// outside itself but `host`. What a script gets to touch is made here, out of the context's own
// classes; that way its promises and dates are its own, and a lost promise tells whose it was.

export function realm(host) {
  'use strict';

  // Taken before the script can change them: what is made for it is made by these.
  const { assign, create, defineProperty, entries, freeze, fromEntries, hasOwn } = Object;
  const [OwnDate, OwnMap, OwnPromise] = [Date, Map, Promise];

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
    defineProperty(type, Symbol.hasInstance, {
      value(value) {
        return inherited.call(this, value) || (this === type && test(value));
      },
    });
  }
  Error.stackTraceLimit = 30;
  // It would change a pattern that all scripts share.
  delete RegExp.prototype.compile;

  const define = (name, value) =>
    defineProperty(globalThis, name, { value, writable: true, configurable: true });

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
    ...fromEntries(consoleNames.map((name) => [name, write])),
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

  const blocked = [
    ...['nango', 'persistClient', 'abortSignal', 'lifecycle', 'modelFullName', 'telemetryBag'],
    ...['constructor', 'prototype', '__proto__', '__defineGetter__', '__defineSetter__'],
    ...['__lookupGetter__', '__lookupSetter__'],
  ];

  // All that wait for the next turn of the event loop share one promise, and so one turn.
  let turn;
  const nextTurn = () =>
    (turn ??= new OwnPromise((resolve) => {
      host.nextTurn(() => {
        turn = undefined;
        resolve();
      });
    }));

  const settled = OwnPromise.resolve();

  // Loops of calls that nobody has to be asked for would keep the process from everything else.
  const paced = (method) =>
    async function (...args) {
      if (host.isCrowded()) await nextTurn();
      return await method(...args);
    };

  const makers = {
    values: paced,
    // Logging a million lines must cost next to nothing, so there is no promise for each, and the
    // method itself tells whether to wait.
    silent:
      (method) =>
      (...args) => {
        try {
          return method(args) ? nextTurn() : settled;
        } catch (error) {
          return OwnPromise.reject(error);
        }
      },
    maps: (pairs) => {
      const get = paced(pairs);
      return async (...args) => new OwnMap(await get(...args));
    },
    generators: (generator) =>
      async function* (...args) {
        yield* generator(...args);
      },
  };

  function makeNango({ properties, ...methods }) {
    const target = assign(create(null), { ActionError });
    for (const [name, value] of entries(properties)) {
      const isObject = typeof value === 'object' && value !== null;
      target[name] = isObject ? freeze({ ...value }) : value;
    }
    if (properties.lastSyncDate !== undefined)
      target.lastSyncDate = new OwnDate(properties.lastSyncDate);
    for (const [kind, make] of entries(makers)) {
      for (const [name, method] of entries(methods[kind])) target[name] = make(method);
    }
    for (const name of blocked) {
      defineProperty(target, name, {
        get() {
          throw new Error(`Access to "${name}" is not allowed.`);
        },
      });
    }
    return freeze(target);
  }

  // Headers of a response: plain properties, and the two questions that axios answers.
  const headersPrototype = create(Object.prototype, {
    get: {
      value(name) {
        return this[String(name).toLowerCase()];
      },
    },
    has: {
      value(name) {
        return hasOwn(this, String(name).toLowerCase());
      },
    },
  });

  return {
    makeNango,
    ActionError,
    parse: JSON.parse,
    copy: (object) => ({ ...object }),
    headers: (object) => assign(create(headersPrototype), object),
    module: { exports: {} },
    require: (name) => host.require(String(name)),
    prototypes: [Promise.prototype, Error.prototype],
  };
}
