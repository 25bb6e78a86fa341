// A definition is the user's code: it is evaluated in a child process with an empty environment,
// which is killed if it takes too long.

import { fork } from 'node:child_process';

import { actionDefinitionOf, onEventDefinitionOf } from './action_manifest.mjs';
import { describeError } from './stack.mjs';
import { syncDefinitionOf } from './manifest.mjs';
import { prepareProcess, requireForLook } from './modules.mjs';
import { fault } from './project.mjs';
import { createSandbox, loadBundle } from './sandbox.mjs';
import { compileBundle } from './scripts.mjs';

const EVALUATION_MS_MAX = 20_000;
const HEAP_MB_MAX = 512;

/** Evaluates bundles one after the other; a child that fails is replaced for the next one. */
export class Evaluator {
  #program;
  #argument;
  #child = null;

  constructor(program, argument) {
    this.#program = program;
    this.#argument = argument;
  }

  /** Resolves to {definition, faults} of an entry of the project. */
  evaluate(entry, code) {
    this.#child ??= fork(this.#program, [this.#argument], {
      env: {},
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      execArgv: [`--max-old-space-size=${HEAP_MB_MAX}`],
    });
    const child = this.#child;
    return new Promise((resolve) => {
      const end = (result, usable) => {
        clearTimeout(timer);
        child.removeAllListeners();
        if (!usable) this.close();
        resolve(result);
      };
      const failed = (message) => end({ faults: [fault(entry.path, message)] }, false);
      const timer = setTimeout(
        () => failed('the definition was not ready in time'),
        EVALUATION_MS_MAX,
      );
      child.once('message', (result) => end(result, true));
      child.once('error', (error) => failed(error.message));
      child.once('exit', () => failed('the process that evaluates definitions ended'));
      child.send({ entry, code });
    });
  }

  close() {
    this.#child?.kill('SIGKILL');
    this.#child = null;
  }
}

const readers = {
  sync: syncDefinitionOf,
  action: actionDefinitionOf,
  onEvent: onEventDefinitionOf,
};

function evaluate({ entry, code }) {
  let mapper;
  try {
    const bundle = compileBundle(code, entry.path);
    ({ mapper } = bundle);
    const sandbox = createSandbox({
      setTimeout: () => 0,
      console: () => {},
      require: requireForLook,
    });
    return readers[entry.kind](entry, loadBundle(bundle.script, sandbox).definition);
  } catch (thrown) {
    const { name, message, stack } = describeError(thrown, mapper);
    const place = /\(?([^\s()]+):(\d+):(\d+)\)?$/.exec(stack.split('\n')[1] ?? '');
    const [, file = entry.path, line, column] = place ?? [];
    return { faults: [fault(file, `${name}: ${message}`, line, column)] };
  }
}

/** The child's side. */
export function serveEvaluations() {
  prepareProcess();
  process.on('message', (request) => process.send(evaluate(request)));
  process.on('unhandledRejection', () => {});
}
