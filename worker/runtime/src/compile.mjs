// Turns a project folder into the body of a deploy request:
//
//   node compile.cjs DIR [--out FILE]
//
// prints it as JSON. What is wrong goes to standard error as `file:line:column: message`, and then
// nothing is printed and the exit status is 1.

import { existsSync, statSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { actionConfigOf, addOnEventScript } from './action_manifest.mjs';
import { bundleEntries } from './bundle.mjs';
import { Evaluator, serveEvaluations } from './evaluate.mjs';
import { syncConfigOf } from './manifest.mjs';
import { readIndex } from './project.mjs';

// The release of the public client and script format that deploys state.
const SDK_VERSION = '0.71.10-zero';
const EVALUATE_ARGUMENT = '--evaluate';

function addConfig({ flowConfigs, onEventScriptsByProvider }, entry, code, definition) {
  if (entry.kind === 'onEvent') addOnEventScript(onEventScriptsByProvider, entry, code, definition);
  else if (entry.kind === 'action') flowConfigs.push(actionConfigOf(entry, code, definition));
  else flowConfigs.push(syncConfigOf(entry, code, definition));
}

async function evaluateAll(entries, bundles, faults) {
  const evaluator = new Evaluator(__filename, EVALUATE_ARGUMENT);
  const configs = { flowConfigs: [], onEventScriptsByProvider: [] };
  try {
    for (const entry of entries) {
      const code = bundles.get(entry.path);
      const { definition, faults: found } = await evaluator.evaluate(entry, code);
      faults.push(...found);
      if (definition) addConfig(configs, entry, code, definition);
    }
  } finally {
    evaluator.close();
  }
  return configs;
}

async function compile(dir) {
  const faults = [];
  const entries = readIndex(dir, faults);
  const bundles = faults.length === 0 ? await bundleEntries(dir, entries, faults) : new Map();
  const configs = faults.length === 0 ? await evaluateAll(entries, bundles, faults) : {};
  if (faults.length > 0) return { faults };
  return {
    faults,
    body: {
      ...configs,
      nangoYamlBody: '',
      reconcile: true,
      debug: false,
      deployMode: 'all',
      sdkVersion: SDK_VERSION,
    },
  };
}

function fail(text) {
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
}

async function main() {
  const { values, positionals } = parseArgs({
    options: { out: { type: 'string' } },
    allowPositionals: true,
  });
  if (positionals.length !== 1) return fail('usage: node compile.cjs DIR [--out FILE]');
  const dir = resolve(positionals[0]);
  if (!existsSync(dir) || !statSync(dir).isDirectory()) return fail(`${dir}: no such folder`);
  const { faults, body } = await compile(dir);
  if (faults.length > 0) return fail(faults.join('\n'));
  const json = JSON.stringify(body);
  if (values.out) writeFileSync(values.out, json);
  else process.stdout.write(`${json}\n`);
  return undefined;
}

if (process.argv[2] === EVALUATE_ARGUMENT) serveEvaluations();
else main().catch((error) => fail(error.message));
