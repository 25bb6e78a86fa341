// The zod that all scripts of a process share. It is made once and cannot be changed.

import { types } from 'node:util';

import * as zod from 'zod';

export { zod };

// What makes schemas is completed when it is first used, see `completeZod`.
function isWhole(type) {
  return /^\$?[A-Z]/.test(type.name) && !Object.hasOwn(type, 'init');
}

/** Freezes a namespace, the namespaces within, their functions, and the prototypes of classes. */
function freezeAll(value, seen = new Set()) {
  const isFunction = typeof value === 'function';
  // zod itself sets where a pattern begins; there is nothing else in it.
  if (types.isRegExp(value)) return Object.preventExtensions(value);
  if (seen.has(value) || !(isFunction || isPlain(value))) return value;
  seen.add(value);
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(value))) {
    if (name === 'prototype') {
      if (isWhole(value)) Object.freeze(value.prototype);
      continue;
    }
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
export function sharedZod() {
  const globalConfig = { ...zod.core.globalConfig };
  const config = (settings) => {
    if (settings) throw new Error('the settings of zod are shared by all scripts');
    return globalConfig;
  };
  const setErrorMap = (map) => void config({ customError: map });
  // Docs are code in the making.
  const { Doc: _, compileFn: __, ...rest } = zod.core;
  const core = { ...rest, config, globalConfig };
  const module = { ...zod, core, config, setErrorMap, __esModule: true };
  module.z = module;
  module.default = module;
  const { globalRegistry } = zod;
  for (const held of [globalRegistry, globalRegistry._map, globalRegistry._idmap]) {
    Object.freeze(held);
  }
  return freezeAll(module);
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

// What any of zod's classes asks for in a definition: enough to make one of each.
function anyDefinition() {
  const any = zod.any();
  const option = (tag) => zod.object({ t: zod.literal(tag) });
  const same = (value) => value;
  return {
    ...{ type: 'string', check: 'x', format: 'url', version: 'v4', pattern: /a/, checks: [] },
    ...{ innerType: any, element: any, left: any, right: any, in: any, out: any, schema: any },
    ...{ shape: { a: any }, items: [any], rest: null, keyType: zod.string(), valueType: any },
    ...{ options: [option('a'), option('b')], discriminator: 't', parts: ['a', zod.string()] },
    ...{ entries: { a: 'a' }, values: ['a'], getter: () => any, catchValue: same, defaultValue: 1 },
    ...{ fn: same, tx: same, transform: same, reverseTransform: same, coerce: false },
    ...{ input: zod.tuple([]), output: any, property: 'a', mime: ['a'], abort: false },
    ...{ value: 1, inclusive: true, minimum: 1, maximum: 2, length: 1, size: 1 },
    ...{ prefix: 'a', suffix: 'a', includes: 'a' },
  };
}

// Most of them, which a script meets, and the checks, which are made by methods. The other classes
// of `z.core` have no instances unless a script makes them itself.
function classesMet() {
  const of = (namespace, pattern) =>
    Object.keys(namespace)
      .filter((name) => pattern.test(name))
      .map((name) => [name, namespace[name]]);
  return [...of(zod, /^Zod/), ...of(zod.core, /^\$ZodCheck/)].filter(
    ([, type]) => typeof type === 'function',
  );
}

function formatFor(name) {
  if (name.endsWith('BigIntFormat')) return 'int64';
  return name.endsWith('NumberFormat') ? 'int32' : 'url';
}

/**
 * Makes one instance of each class, so that zod has no reason to touch their prototypes again, and
 * freezes those with its settings. Takes some milliseconds: call it when there is time.
 */
export function completeZod() {
  const definition = anyDefinition();
  for (const [name, type] of classesMet()) {
    const made = new type({ ...definition, format: formatFor(name) });
    for (const own of [made, made._zod]) {
      let at = own && Object.getPrototypeOf(own);
      while (at && !Object.isFrozen(at)) at = Object.getPrototypeOf(Object.freeze(at));
    }
  }
  Object.freeze(zod.core.globalConfig);
}
