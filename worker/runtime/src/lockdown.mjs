// What the runs of a process share: the classes of its own realm. What one run changed in them
// another would see, and from any of their functions a `constructor` would lead to code made of
// text. Both doors are shut here before the first script runs. This keeps runs from each other's
// hair and makes the easy ways out fail; what holds a hostile script is the operating system.

const { defineProperty, freeze, getOwnPropertyDescriptor, getPrototypeOf } = Object;
const { ownKeys } = Reflect;

const functionPrototypes = [
  Function.prototype,
  getPrototypeOf(async () => {}),
  getPrototypeOf(function* () {}),
  getPrototypeOf(async function* () {}),
];

// What scripts can get hold of without asking for a module.
const sharedClasses = [
  ...[Object, Function, Array, Boolean, Number, BigInt, String, Symbol, Date, RegExp, Promise],
  ...[Map, Set, WeakMap, WeakSet, WeakRef, FinalizationRegistry, ArrayBuffer, SharedArrayBuffer],
  ...[DataView, Uint8Array, Uint8ClampedArray, Uint16Array, Uint32Array, Int8Array, Int16Array],
  ...[Int32Array, Float32Array, Float64Array, BigInt64Array, BigUint64Array],
  ...[Error, AggregateError, EvalError, RangeError, ReferenceError, SyntaxError, TypeError],
  ...[URIError, DOMException, Buffer, URL, URLSearchParams],
];

const sharedIterators = [
  [].values(),
  new Map().entries(),
  new Set().values(),
  ''[Symbol.iterator](),
  ''.matchAll(/./g),
  new URLSearchParams().entries(),
  (function* () {})(),
  (async function* () {})(),
];

// The properties of others can be shadowed by assignment even when they are frozen. Not of these,
// whose lookups are what the engine is fast at: nobody assigns to a method of an array.
const asTheyAre = new Set([
  Array.prototype,
  ArrayBuffer.prototype,
  Buffer.prototype,
  Map.prototype,
  Promise.prototype,
  RegExp.prototype,
  Set.prototype,
  String.prototype,
  Uint8Array.prototype,
  WeakMap.prototype,
  getPrototypeOf(Uint8Array.prototype),
  getPrototypeOf([].values()),
]);

// Only of these do others make prototypes by hand, and then put a constructor into them.
const ancestors = new Set([Object.prototype, Error.prototype]);

const hardened = new WeakSet();

function isObject(value) {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

// Assigning to an object whose prototype has a read-only property of that name is an error in
// JavaScript. With an accessor in its place the object gets a property of its own.
function letShadow(owner, key, { value, enumerable }) {
  const own = { writable: true, enumerable: true, configurable: true };
  defineProperty(owner, key, {
    get: () => value,
    set(given) {
      if (this === owner) throw new TypeError(`${String(key)} is shared by all scripts`);
      defineProperty(this, key, { ...own, value: given });
    },
    enumerable,
    configurable: false,
  });
}

function isShadowed(object, key) {
  if (object === Function.prototype) return key === 'toString';
  return !asTheyAre.has(object) && (key !== 'constructor' || ancestors.has(object));
}

function freezePrototype(object) {
  for (const key of ownKeys(object)) {
    const descriptor = getOwnPropertyDescriptor(object, key);
    if (descriptor.configurable && 'value' in descriptor && isShadowed(object, key)) {
      letShadow(object, key, descriptor);
    }
  }
  freeze(object);
}

// Its limit stays: zod and Node set it in passing and put it back. Each turn begins with the right
// one (turns.mjs), so that a script can change it for itself only.
function freezeError() {
  for (const key of ownKeys(Error)) {
    const isLimit = key === 'stackTraceLimit';
    defineProperty(Error, key, { configurable: false, ...(!isLimit && { writable: false }) });
  }
  Object.preventExtensions(Error);
}

/** Freezes the given objects and all that is reachable from them but the insides of accessors. */
export function harden(...roots) {
  const found = roots.filter(isObject).map((object) => ({ object, isPrototype: false }));
  const prototypes = new Set();
  const all = [];
  while (found.length > 0) {
    const { object, isPrototype } = found.pop();
    if (isPrototype) prototypes.add(object);
    if (hardened.has(object)) continue;
    hardened.add(object);
    all.push(object);
    const above = getPrototypeOf(object);
    if (above) found.push({ object: above, isPrototype: true });
    for (const key of ownKeys(object)) {
      const { value } = getOwnPropertyDescriptor(object, key);
      const isOfClass = typeof object === 'function' && key === 'prototype';
      if (isObject(value)) found.push({ object: value, isPrototype: isOfClass });
    }
  }
  for (const object of all) {
    if (object === Error) freezeError();
    else if (prototypes.has(object)) freezePrototype(object);
    else if (!ArrayBuffer.isView(object)) freeze(object);
  }
}

// zod and a few packages name `Function` itself, which scripts cannot reach, and go on working.
function refuseText() {
  for (const prototype of functionPrototypes) {
    const { name } = prototype.constructor;
    const constructor = function () {
      throw new EvalError('code cannot be made from text');
    };
    defineProperty(constructor, 'name', { value: name });
    defineProperty(constructor, 'prototype', { value: prototype });
    defineProperty(prototype, 'constructor', { value: constructor, writable: false });
  }
}

// Small buffers would share memory with those of other runs, and new ones show what was in it.
function separateBuffers() {
  Buffer.poolSize = 0;
  const cleared = (size) => Buffer.alloc(size);
  for (const name of ['allocUnsafe', 'allocUnsafeSlow']) {
    defineProperty(Buffer, name, { value: cleared, writable: true, configurable: true });
  }
}

/** Shuts the doors of this process's realm. Call once, after everything that changes its classes. */
export function lockRealm() {
  separateBuffers();
  refuseText();
  // It changes a pattern in place, even a frozen one.
  delete RegExp.prototype.compile;
  harden(...functionPrototypes, ...sharedClasses, ...sharedIterators);
}
