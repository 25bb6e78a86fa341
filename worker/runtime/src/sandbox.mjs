// A fresh context per run, with the few globals a script may use. It keeps runs from meeting by
// accident; it does not hold a hostile script, the operating system does.

import { types } from 'node:util';
import vm from 'node:vm';

import { actionEntry, onEventEntry } from './action.mjs';
import { realm } from './realm.mjs';
import { realmFetch } from './realm_fetch.mjs';

const realmScript = new vm.Script(`(${realm})`, { filename: 'varia:realm' });
const fetchScript = new vm.Script(`(${realmFetch})`, { filename: 'varia:realm' });

function decodeText(bytes) {
  return new TextDecoder().decode(bytes);
}

/**
 * Makes a context. `hooks` has `setTimeout(callback, ms)`, `console(args)`, `require(name)`,
 * `isCrowded()`, which counts a call and tells whether it should wait for another turn of the event
 * loop, and `nextTurn(callback)`. The result has the context, what realm.mjs returns, and
 * `webResponse(answer)`.
 */
export function createSandbox(hooks) {
  const context = vm.createContext(
    { Buffer, URL, URLSearchParams },
    { name: 'script', codeGeneration: { strings: false, wasm: false } },
  );
  const made = realmScript.runInContext(context)({ types, ...hooks });
  let makeResponse;
  const webResponse = (answer) => {
    makeResponse ??= fetchScript.runInContext(context)(decodeText);
    return makeResponse(answer);
  };
  return { context, ...made, webResponse };
}

/** Runs a compiled bundle in a sandbox: {exports, definition}, the latter its default export. */
export function loadBundle(script, sandbox) {
  const { module, require } = sandbox;
  script.runInContext(sandbox.context)(module, module.exports, require);
  const { exports } = module;
  return { exports, definition: exports?.default ?? exports };
}

function execOf({ definition }) {
  if (typeof definition === 'function') return definition;
  if (definition?.type === 'sync' && typeof definition.exec === 'function') {
    return (nango) => definition.exec(nango);
  }
  throw new Error('the script exports neither a sync nor a function by default');
}

function webhookHandlerOf({ exports, definition }) {
  if (definition?.type === 'sync' && typeof definition.onWebhook === 'function') {
    return (nango, payload) => definition.onWebhook(nango, payload);
  }
  // Where it was before definitions.
  const { onWebhookPayloadReceived: handler } = exports ?? {};
  if (typeof handler === 'function') return handler;
  throw new Error('the script has no onWebhook');
}

function partitionsOf({ definition }) {
  if (typeof definition?.partitions === 'function') return (nango) => definition.partitions(nango);
  return undefined;
}

/**
 * What a run does with the script's object, by `kind`: the `exec` of a definition or the bare
 * function of older scripts, its handler of webhooks with the payload, its hook that tells the
 * partitions there are, if it has one, or an action, which resolves to the JSON text of its output.
 */
export function entryOf(loaded, context, sandbox, logger) {
  const { kind, payload } = context;
  const { parse } = sandbox;
  if (kind === 'action') return actionEntry(loaded, context, sandbox, logger);
  if (kind === 'onEvent') return onEventEntry(loaded);
  if (kind === 'partitions') return partitionsOf(loaded);
  if (kind !== 'onWebhook') return execOf(loaded);
  const handle = webhookHandlerOf(loaded);
  return (nango) => handle(nango, parse(payload ?? 'null'));
}
