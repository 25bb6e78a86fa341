// A fresh context per run, with the few globals a script may use. It keeps runs from meeting by
// accident; it does not hold a hostile script, the operating system does.

import { types } from 'node:util';
import vm from 'node:vm';

import { requireModule } from './modules.mjs';
import { realm } from './realm.mjs';

const realmScript = new vm.Script(`(${realm})`, { filename: 'varia:realm' });

/**
 * Makes a context. `hooks` has `setTimeout(callback, ms)` and `console(args)`. The result has the
 * context, `makeNango` to build the script's object in it, its own `parse` of JSON, and the
 * prototype that its promises have.
 */
export function createSandbox(hooks) {
  const context = vm.createContext(
    { Buffer, URL, URLSearchParams },
    { name: 'script', codeGeneration: { strings: false, wasm: false } },
  );
  const { makeNango, parse, promisePrototype } = realmScript.runInContext(context)({
    types,
    setTimeout: hooks.setTimeout,
    console: hooks.console,
  });
  return { context, makeNango, parse, promisePrototype };
}

/** Runs a compiled bundle in a sandbox and returns its default export. */
export function loadBundle(script, sandbox) {
  const module = { exports: {} };
  script.runInContext(sandbox.context)(module, module.exports, requireModule);
  const { exports } = module;
  return exports?.default ?? exports;
}

/** What a run calls: the `exec` of a definition, or the bare function of older scripts. */
export function execOf(exported) {
  if (typeof exported === 'function') return exported;
  if (exported?.type === 'sync' && typeof exported.exec === 'function') {
    return (nango) => exported.exec(nango);
  }
  throw new Error('the script exports neither a sync nor a function by default');
}
