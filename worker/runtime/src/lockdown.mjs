// What the runs of a process share: the classes of its own realm. What one run changed in them
// another would see, and from any of their functions a `constructor` would lead to code made of
// text. Both doors are shut here before the first script runs. This keeps runs from each other's
// hair and makes the easy ways out fail; what holds a hostile script is the operating system.

import vm from 'node:vm';

const { defineProperty, freeze, getOwnPropertyDescriptor, getPrototypeOf } = Object;
const { ownKeys } = Reflect;
const { prototype: functionPrototype } = Function;

// The text of an expression for what a realm has of its own: {classes, functions, iterators}.
const intrinsics = `({
  classes: [Object, Function, Array, Boolean, Number, BigInt, String, Symbol, Date, RegExp, Promise,
    Map, Set, WeakMap, WeakSet, WeakRef, FinalizationRegistry, ArrayBuffer, SharedArrayBuffer,
    DataView, Uint8Array, Uint8ClampedArray, Uint16Array, Uint32Array, Int8Array, Int16Array,
    Int32Array, Float32Array, Float64Array, BigInt64Array, BigUint64Array, Error, AggregateError,
    EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, Proxy, Reflect, JSON,
    Math, Atomics, Intl],
  functions: [() => {}, async () => {}, function* () {}, async function* () {}]
    .map(Object.getPrototypeOf),
  iterators: [[].values(), new Map().entries(), new Set().values(), ''[Symbol.iterator](),
    ''.matchAll(/./g), (function* () {})(), (async function* () {})()],
})`;

// What else of this process's realm scripts get hold of without asking for a module.
const sharedOfNode = [
  ...[DOMException, Buffer, URL, URLSearchParams],
  new URLSearchParams().entries(),
];

// Each code of Node's errors has a class of its own, known by its errors only.
const sharedErrors = [
  () => Buffer.alloc(-1),
  () => Buffer.alloc('x'),
  () => Buffer.from(1),
  () => Buffer.from('x', 'no encoding'),
  () => Buffer.concat([1]),
  () => Buffer.alloc(1).readInt8(2),
  () => Buffer.alloc(1).readInt8(0.5),
  () => Buffer.alloc(1).readInt32LE(0),
  () => Buffer.alloc(1).swap16(),
  () => Buffer.alloc(1).write('x', 0, 5),
  () => new URL('x'),
  () => new URL(),
  () => new URLSearchParams([[]]),
  () => new URLSearchParams([1]),
  () => new URLSearchParams().get(),
  () => Reflect.get(URL.prototype, 'href', {}),
  () => URLSearchParams.prototype.get.call({}),
].map((fails) => {
  try {
    return fails();
  } catch (error) {
    return error;
  }
});

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
const ancestors = new Set();

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
  if (object === functionPrototype) return key === 'toString';
  return !asTheyAre.has(object) && (key !== 'constructor' || ancestors.has(object));
}

function freezeBut(object, left) {
  for (const key of ownKeys(object)) {
    const hasValue = 'value' in getOwnPropertyDescriptor(object, key);
    const isLeft = !hasValue || left.includes(key);
    defineProperty(object, key, { configurable: false, ...(!isLeft && { writable: false }) });
  }
  Object.preventExtensions(object);
}

function freezePrototype(object) {
  // Node has a few that can neither be made accessors nor be read-only, such as a flag of emitters.
  const stubborn = [];
  for (const key of ownKeys(object)) {
    const descriptor = getOwnPropertyDescriptor(object, key);
    if (!('value' in descriptor) || !isShadowed(object, key)) continue;
    if (descriptor.configurable) letShadow(object, key, descriptor);
    else if (descriptor.writable) stubborn.push(key);
  }
  if (stubborn.length > 0) freezeBut(object, stubborn);
  else freeze(object);
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
    // Its limit stays: zod and Node set it in passing and put it back. Each turn begins with the
    // right one (turns.mjs), so that a script can change it for itself only.
    if (object === Error) freezeBut(Error, ['stackTraceLimit']);
    else if (prototypes.has(object)) freezePrototype(object);
    else if (!ArrayBuffer.isView(object)) freeze(object);
  }
}

function refuseText(functionPrototypes) {
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

function lock({ classes, functions, iterators }) {
  const prototypeOf = (wanted) => classes.find(({ name }) => name === wanted).prototype;
  ancestors.add(prototypeOf('Object')).add(prototypeOf('Error'));
  refuseText(functions);
  // It changes a pattern in place, even a frozen one.
  delete prototypeOf('RegExp').compile;
  harden(...functions, ...classes, ...iterators);
}

// zod makes code of text, and could be made to make some of a script's. That code is to find
// nothing: it belongs to a realm of its own, which is empty.
function emptyFunction() {
  const context = vm.createContext(Object.create(null), { codeGeneration: { wasm: false } });
  const of = (text) => vm.runInContext(text, context);
  const made = of('Function');
  defineProperty(made, Symbol.hasInstance, { value: (value) => typeof value === 'function' });
  lock(of(intrinsics));
  of(`for (const name of Object.getOwnPropertyNames(globalThis)) {
    const value = globalThis[name];
    Object.defineProperty(globalThis, name, { value, writable: false, configurable: false });
  }`);
  return made;
}

/** Shuts the doors of this process's realm. Call once, after all that changes its classes. */
export function lockRealm() {
  separateBuffers();
  lock(vm.runInThisContext(intrinsics));
  harden(...sharedOfNode, ...sharedErrors);
  globalThis.Function = emptyFunction();
}
