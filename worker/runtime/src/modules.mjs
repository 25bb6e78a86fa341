// What `require` gives to scripts. All runs of a process share these, so nothing in them can be
// changed.

import nodeCrypto from 'node:crypto';
import nodeUrl from 'node:url';
import { types } from 'node:util';
import * as zod from 'zod';

export { zod };

/**
 * Freezes a namespace, the namespaces within, and their functions. Not the prototypes of its
 * classes: zod completes those when they are first used.
 */
function freezeAll(value, seen = new Set()) {
  const isFunction = typeof value === 'function';
  if (seen.has(value) || !(isFunction || isPlain(value))) return value;
  seen.add(value);
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(value))) {
    if (name === 'prototype') continue;
    freezeAll(descriptor.get && !isFunction ? descriptor.get.call(value) : descriptor.value, seen);
  }
  return Object.freeze(value);
}

function isPlain(value) {
  if (!value || typeof value !== 'object') return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/**
 * zod as its CommonJS build would be required, with the module itself as default. Its settings can
 * be read and not changed.
 */
function sharedZod() {
  const globalConfig = { ...zod.core.globalConfig };
  const config = (settings) => {
    if (settings) throw new Error('the settings of zod are shared by all scripts');
    return globalConfig;
  };
  const module = { ...zod, core: { ...zod.core, config, globalConfig }, config, __esModule: true };
  module.z = module;
  module.default = module;
  Object.freeze(zod.globalRegistry);
  return freezeAll(module);
}

/** A frozen copy of a built-in module, whose deprecated getters stay getters. */
function copyOf(builtin) {
  return Object.freeze(Object.defineProperties({}, Object.getOwnPropertyDescriptors(builtin)));
}

const tagged = (type) => (definition) => ({ type, ...definition });

/** What `nango` exports: only tags; a bundle may have left the import in. */
export const nangoShim = Object.freeze({
  createSync: tagged('sync'),
  createAction: tagged('action'),
  createOnEvent: tagged('onEvent'),
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
  for (const type of [Buffer, URL, URLSearchParams]) {
    Object.freeze(type);
    Object.freeze(type.prototype);
  }
}

// A schema named by `.meta({ id })` would be kept for as long as the process lives.
class NoNames extends Map {
  set() {
    return this;
  }
}

export function forgetSchemaNames() {
  zod.globalRegistry._idmap = new NoNames();
}

const makers = new Map([
  ['zod', sharedZod],
  ['url', () => copyOf(nodeUrl)],
  ['crypto', () => copyOf(nodeCrypto)],
  ['nango', () => nangoShim],
]);
const aliases = new Map([
  ['zod/v4', 'zod'],
  ['node:url', 'url'],
  ['node:crypto', 'crypto'],
]);
const made = new Map();

/** The names an import in a script may have, beside relative ones. */
export const allowedModules = [...makers.keys(), ...aliases.keys()];

export function requireModule(name) {
  const key = aliases.get(name) ?? name;
  if (!made.has(key)) {
    const make = makers.get(key);
    if (!make) throw new Error(`Cannot find module '${name}': scripts may use zod, url and crypto`);
    made.set(key, make());
  }
  return made.get(key);
}
