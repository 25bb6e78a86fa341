// What `require` gives to scripts. All runs of a process share these, so nothing in them can be
// changed.

import nodeCrypto from 'node:crypto';
import { createRequire } from 'node:module';
import nodeUrl from 'node:url';
import { types } from 'node:util';

import { harden, lockRealm } from './lockdown.mjs';
import { sharedZod } from './zod.mjs';

/** A frozen copy of a module, whose deprecated getters stay getters, with some names changed. */
function copyOf(module, changed = {}) {
  const descriptors = Object.getOwnPropertyDescriptors(module);
  for (const [name, value] of Object.entries(changed)) descriptors[name] = { value };
  return Object.freeze(Object.defineProperties({}, descriptors));
}

// They load machine code, or change the settings of all.
const unsafeInCrypto = ['setEngine', 'setFips', 'fips', 'secureHeapUsed'];

// Instances lead to classes that the module does not name.
function cryptoSamples() {
  const key = nodeCrypto.createSecretKey(Buffer.alloc(32));
  const cipher = ['aes-256-cbc', key, Buffer.alloc(16)];
  return [
    key,
    nodeCrypto.createHash('sha256'),
    nodeCrypto.createHmac('sha256', key),
    nodeCrypto.createCipheriv(...cipher),
    nodeCrypto.createDecipheriv(...cipher),
    nodeCrypto.createSign('sha256'),
    nodeCrypto.createVerify('sha256'),
    nodeCrypto.createECDH('prime256v1'),
    nodeCrypto.getDiffieHellman('modp14'),
    nodeCrypto.webcrypto,
    nodeCrypto.subtle,
  ];
}

function sharedCrypto() {
  const module = copyOf(nodeCrypto, Object.fromEntries(unsafeInCrypto.map((name) => [name])));
  harden(module, ...cryptoSamples());
  return module;
}

function sharedUrl() {
  const module = copyOf(nodeUrl);
  harden(module);
  return module;
}

const tagged = (type) => (definition) => ({ type, ...definition });

/** What `nango` exports: only tags; a bundle may have left the import in. */
export const nangoShim = Object.freeze({
  createSync: tagged('sync'),
  createAction: tagged('action'),
  createOnEvent: tagged('onEvent'),
  createFunction: tagged('function'),
});

// zod runs outside the scripts' contexts and asks `instanceof` of values from inside.
function acceptForeign(type, test) {
  const inherited = Function.prototype[Symbol.hasInstance];
  Object.defineProperty(type, Symbol.hasInstance, {
    value(value) {
      return inherited.call(this, value) || (this === type && test(value));
    },
  });
}

/** Makes this process ready to run scripts that share its classes. Call once. */
export function prepareProcess() {
  acceptForeign(Date, types.isDate);
  acceptForeign(Map, types.isMap);
  acceptForeign(Set, types.isSet);
  acceptForeign(Promise, types.isPromise);
  acceptForeign(RegExp, types.isRegExp);
  lockRealm();
}

const makers = new Map([
  ['zod', sharedZod],
  ['url', sharedUrl],
  ['crypto', sharedCrypto],
  ['nango', () => nangoShim],
]);
const aliases = new Map([
  ['zod/v4', 'zod'],
  ['node:url', 'url'],
  ['node:crypto', 'crypto'],
  ['nango/experimental', 'nango'],
]);
const made = new Map();

/** Packages that an installation may have beside the runtime. */
const optional = ['soap', 'unzipper', 'botbuilder'];

/** The names an import in a script may have, beside relative ones. */
export const allowedModules = [...makers.keys(), ...aliases.keys(), ...optional];

// Looked for beside this program, and only when a script wants it.
function installed(name) {
  try {
    return Object.freeze(createRequire(__filename)(name));
  } catch (error) {
    const why =
      error?.code === 'MODULE_NOT_FOUND' && error.message.includes(`'${name}'`)
        ? 'is not installed beside the script runtime'
        : `cannot be loaded: ${error?.message}`;
    throw new Error(`the package '${name}' ${why}`);
  }
}

function shared(name) {
  const key = aliases.get(name) ?? name;
  if (!made.has(key)) {
    const make = makers.get(key) ?? (optional.includes(key) && (() => installed(key)));
    if (!make) {
      const names = 'zod, url, crypto, and soap, unzipper, botbuilder where they are installed';
      throw new Error(`Cannot find module '${name}': scripts may use ${names}`);
    }
    made.set(key, make());
  }
  return made.get(key);
}

// Functions that may be given a callback, which is then called from outside of any script.
const withCallback = [
  ...['randomBytes', 'randomFill', 'randomInt', 'pbkdf2', 'scrypt', 'hkdf', 'generateKey'],
  ...['generateKeyPair', 'generatePrime', 'checkPrime', 'sign', 'verify'],
];

function cryptoFor(later) {
  const wrapped = withCallback.map((name) => {
    const call = (...args) => {
      const callback = args.at(-1);
      if (typeof callback === 'function') {
        args[args.length - 1] = (...results) => later(() => callback(...results));
      }
      return nodeCrypto[name](...args);
    };
    return [name, Object.freeze(call)];
  });
  return copyOf(shared('crypto'), Object.fromEntries(wrapped));
}

/**
 * The `require` of one run. `later(callback)` runs a callback as a piece of that run's work, or not
 * at all if the run is over.
 */
export function requireFor(later) {
  let crypto;
  return (name) => {
    if ((aliases.get(name) ?? name) !== 'crypto') return shared(name);
    crypto ??= cryptoFor(later);
    return crypto;
  };
}

/**
 * The `require` of a definition that is looked at and not run. What is not installed here may be
 * installed where it will run.
 */
export function requireForLook(name) {
  try {
    return shared(name);
  } catch (error) {
    if (!optional.includes(name)) throw error;
    return Object.freeze({});
  }
}
