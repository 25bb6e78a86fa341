// One run: its calls to the host, its timers, and its one end.

import { Calls } from './calls.mjs';
import {
  abortError,
  callErrorReport,
  errorReport,
  hostError,
  interruptError,
} from './errors.mjs';
import { kinds } from './frames.mjs';
import { Logger } from './logging.mjs';
import { requireFor } from './modules.mjs';
import { createSdk, isCall } from './nango.mjs';
import { createSandbox, entryOf, loadBundle } from './sandbox.mjs';

const CREDIT_BYTES = 4 << 20;
const LOG_LINES_MAX = 2_000;
const TIMERS_MAX = 1_000;
const SETTLE_MS = 50;
// After so many calls in one turn of the event loop, the next ones wait for another turn.
const CALLS_PER_TURN = 500;

// Whose answers may say that the run shall end here.
const interruptible = new Set(['saveCheckpoint', 'batchSave']);

function countOf(given, otherwise) {
  return Number.isFinite(given) && given >= 0 ? given : otherwise;
}

export class Session {
  /** Milliseconds of processor time its turns took; the turn queue adds to it. */
  cpuMs = 0;

  #run;
  #hooks;
  #mapper;
  #calls = null;
  #closing = [];
  #timers = new Set();
  #callsInTurn = 0;
  #stop = null;
  #ended = false;
  #idle = null;
  #isCall = false;

  /**
   * `hooks` has `encode(run, kind, body)` and `write(frame)`, `log(run, entry)`,
   * `turn(session, work)` to run something as a turn of this session, and `ended(session)`.
   */
  constructor(run, hooks) {
    this.#run = run;
    this.#hooks = hooks;
  }

  get run() {
    return this.#run;
  }

  /** Starts a compiled bundle. `adopt(prototype)` learns how to know what is the run's own. */
  async start(bundle, context, adopt) {
    this.#mapper = bundle.mapper;
    this.#isCall = isCall(context);
    this.#calls = new Calls(
      {
        encode: (body) => this.#hooks.encode(this.#run, kinds.call, body),
        write: (frame) => this.#hooks.write(frame),
      },
      countOf(context.creditBytes, CREDIT_BYTES),
    );
    try {
      const output = await this.#play(bundle.script, context, adopt);
      await this.#settled();
      this.#finish({ failed: false, output });
    } catch (thrown) {
      this.#finish({ failed: true, thrown });
    }
  }

  /** Asks the host and returns its answer, or throws the error it answered with. */
  async call(method, args) {
    const outcome = await this.#exchange(method, args);
    // Made only here, so that its stack leads back to the script.
    if (outcome.stopped) throw this.#stop.error();
    if (outcome.overflow) throw new Error(`more than ${outcome.overflow} calls wait for an answer`);
    if (outcome.unsent) throw outcome.unsent;
    if (outcome.error) throw hostError(outcome.error);
    const { value } = outcome;
    if (value?.interrupted === true && interruptible.has(method)) {
      this.#interrupt();
      throw this.#stop.error();
    }
    return value;
  }

  /** Counts a call of the script's, and tells whether it should wait for another turn. */
  isCrowded() {
    this.#callsInTurn += 1;
    return this.#callsInTurn > CALLS_PER_TURN;
  }

  /** The host's answer to a call: `{value}` or `{error}`. */
  answer(seq, outcome) {
    this.#callsInTurn = 0;
    this.#calls?.answer(seq, outcome);
    this.#wakeIfIdle();
  }

  /** Ends a run that was cancelled before it began; false if it was not. */
  giveUpIfCancelled() {
    if (this.#stop) this.#finish({ failed: true });
    return this.#ended;
  }

  /** Fails all calls from now on, and ends the run once the script had a moment to give up. */
  cancel(reason) {
    if (this.#stop || this.#ended) return;
    this.#stop = { error: () => abortError(reason) };
    this.#calls?.fail({ stopped: true });
    this.#wakeIfIdle();
    setTimeout(() => this.#finish({ failed: true }), SETTLE_MS);
  }

  /** Ends the run for an error that no call of the script's can throw. */
  fault(thrown) {
    this.#finish({ failed: true, thrown });
  }

  async #play(script, context, adopt) {
    const logger = this.#makeLogger(context);
    const sandbox = createSandbox({
      setTimeout: (callback, ms) => this.#setTimeout(callback, ms),
      console: (args) => logger.console(args),
      require: requireFor((callback) => this.#later(callback)),
      isCrowded: () => this.isCrowded(),
      nextTurn: (callback) => this.#later(callback),
    });
    sandbox.prototypes.forEach(adopt);
    // From here on it is the script's code that runs, beginning with what is not in a function.
    this.#hooks.write(this.#hooks.encode(this.#run, kinds.started, {}));
    const loaded = loadBundle(script, sandbox);
    const enter = entryOf(loaded, context, sandbox, logger);
    const { definition } = loaded;
    const { sdk, close } = createSdk({ session: this, context, logger, sandbox, definition });
    this.#closing.unshift(close);
    if (context.kind === 'partitions') return this.#tellPartitions(enter, sandbox.makeNango(sdk));
    return await enter(sandbox.makeNango(sdk));
  }

  // The worker judges what the hook returns; without a hook it is told so.
  async #tellPartitions(hook, nango) {
    const found = hook && JSON.stringify(await hook(nango));
    await this.call('tellPartitions', { hook: Boolean(hook), json: found ?? 'null' });
  }

  #makeLogger(context) {
    const write = (level, message, payload) => {
      if (this.#ended) return;
      this.#hooks.log(this.#run, { level, message, payload, t: Date.now() });
    };
    const logger = new Logger(write, countOf(context.logLinesMax, LOG_LINES_MAX));
    this.#closing.push(() => logger.close());
    return logger;
  }

  // Calls that were sent before the interruption are still answered; what they did, they did.
  #interrupt() {
    if (this.#stop) return;
    this.#stop = { error: interruptError };
    this.#calls.fail({ stopped: true }, { unsentOnly: true });
    setTimeout(() => this.#finish({ failed: true }), SETTLE_MS);
  }

  #exchange(method, args) {
    // A script that goes on after its end stops at its next call, for good.
    if (this.#ended) return new Promise(() => {});
    if (!this.#stop) return this.#calls.exchange(method, args);
    // Not at once: a script that ignores the error must not starve the event loop.
    return new Promise((resolve) => this.#later(() => resolve({ stopped: true })));
  }

  // Calls that the script did not wait for are waited for here; then a turn for their failures.
  async #settled() {
    do {
      await new Promise((resolve) => {
        this.#idle = resolve;
        this.#wakeIfIdle();
      });
    } while (this.#calls.open > 0);
  }

  #wakeIfIdle() {
    if (!this.#idle || this.#calls.open > 0) return;
    setImmediate(this.#idle);
    this.#idle = null;
  }

  // Runs something of the script's as a turn of its own, unless the run is over by then.
  #later(callback) {
    this.#hooks.turn(this, () => {
      this.#callsInTurn = 0;
      try {
        if (!this.#ended) callback();
      } catch (thrown) {
        this.fault(thrown);
      }
    });
  }

  #setTimeout(callback, ms) {
    if (this.#ended) return 0;
    if (this.#timers.size >= TIMERS_MAX) throw new Error(`more than ${TIMERS_MAX} timers`);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#later(callback);
    }, ms);
    this.#timers.add(timer);
    return timer[Symbol.toPrimitive]();
  }

  #finish({ failed, thrown, output }) {
    if (this.#ended) return;
    for (const close of this.#closing) close();
    this.#ended = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#calls?.forget();
    this.#hooks.ended(this);
    const ok = !failed && !this.#stop;
    const report = this.#isCall ? callErrorReport : errorReport;
    const error = ok ? undefined : report(this.#stop?.error() ?? thrown, this.#mapper);
    const stats = { calls: this.#calls?.made ?? 0, cpu_ms: Math.round(this.cpuMs) };
    this.#hooks.write(this.#hooks.encode(this.#run, kinds.done, { ok, output, error, stats }));
  }
}
