// One run: its calls to the host, its timers, and its one end.

import { abortError, errorReport, hostError } from './errors.mjs';
import { kinds } from './frames.mjs';
import { Logger } from './logging.mjs';
import { createSdk } from './nango.mjs';
import { createSandbox, execOf, loadBundle } from './sandbox.mjs';

const CALLS_IN_FLIGHT_MAX = 32;
const CALLS_WAITING_MAX = 10_000;
const TIMERS_MAX = 1_000;
const CANCEL_SETTLE_MS = 50;

export class Session {
  /** Milliseconds of processor time its turns took; the turn queue adds to it. */
  cpuMs = 0;

  #run;
  #hooks;
  #mapper;
  #inFlight = new Map();
  #waiting = [];
  #timers = new Set();
  #calls = 0;
  #aborted = null;
  #ended = false;
  #idle = null;

  /**
   * `hooks` has `send(run, kind, body)`, `log(run, entry)`, `turn(session, work)` to run something
   * as a turn of this session, and `ended(session)`.
   */
  constructor(run, hooks) {
    this.#run = run;
    this.#hooks = hooks;
  }

  get run() {
    return this.#run;
  }

  /** Starts a compiled bundle. `adopt(promisePrototype)` learns how to know the run's promises. */
  async start(bundle, context, adopt) {
    this.#mapper = bundle.mapper;
    const logger = new Logger((...entry) => this.log(...entry));
    try {
      const sandbox = createSandbox({
        setTimeout: (callback, ms) => this.#setTimeout(callback, ms),
        console: (args) => logger.console(args),
      });
      adopt(sandbox.promisePrototype);
      const exported = loadBundle(bundle.script, sandbox);
      const exec = execOf(exported);
      const { parse } = sandbox;
      const schema = exported.checkpoint;
      const sdk = createSdk({ session: this, context, logger, parse, schema });
      await exec(sandbox.makeNango(sdk));
      await this.#settled();
      this.#finish({ failed: false });
    } catch (thrown) {
      this.#finish({ failed: true, thrown });
    }
  }

  /** Asks the host and returns its answer, or throws the error it answered with. */
  async call(method, args) {
    const outcome = await this.#exchange(method, args);
    // Made only here, so that its stack leads back to the script.
    if (outcome.aborted) throw abortError(this.#aborted.reason);
    if (outcome.overflow)
      throw new Error(`more than ${CALLS_WAITING_MAX} calls wait for an answer`);
    if (outcome.unsent) throw outcome.unsent;
    if (outcome.error) throw hostError(outcome.error);
    return outcome.value;
  }

  log(level, message, payload) {
    if (!this.#ended) this.#hooks.log(this.#run, { level, message, payload, t: Date.now() });
  }

  /** The host's answer to a call: `{value}` or `{error}`. */
  answer(seq, outcome) {
    const call = this.#inFlight.get(seq);
    if (!call) return;
    this.#inFlight.delete(seq);
    call.resolve(outcome);
    while (this.#waiting.length > 0 && this.#inFlight.size < CALLS_IN_FLIGHT_MAX) {
      this.#send(this.#waiting.shift());
    }
    this.#wakeIfIdle();
  }

  /** Ends a run that was cancelled before it began; false if it was not. */
  giveUpIfCancelled() {
    if (this.#aborted) this.#finish({ failed: true });
    return this.#ended;
  }

  /** Fails all calls from now on, and ends the run once the script had a moment to give up. */
  cancel(reason) {
    if (this.#aborted || this.#ended) return;
    this.#aborted = { reason };
    const open = [...this.#inFlight.values(), ...this.#waiting];
    this.#inFlight.clear();
    this.#waiting = [];
    for (const { resolve } of open) resolve({ aborted: true });
    this.#wakeIfIdle();
    setTimeout(() => this.#finish({ failed: true }), CANCEL_SETTLE_MS);
  }

  /** Ends the run for an error that no call of the script's can throw. */
  fault(thrown) {
    this.#finish({ failed: true, thrown });
  }

  #exchange(method, args) {
    // A script that goes on after its end stops at its next call, for good.
    if (this.#ended) return new Promise(() => {});
    return new Promise((resolve) => {
      if (this.#aborted) {
        // Not at once: a script that ignores the error must not starve the event loop.
        setImmediate(() => this.#ended || resolve({ aborted: true }));
        return;
      }
      this.#calls += 1;
      const call = { seq: this.#calls, method, args, resolve };
      if (this.#inFlight.size < CALLS_IN_FLIGHT_MAX) this.#send(call);
      else if (this.#waiting.length < CALLS_WAITING_MAX) this.#waiting.push(call);
      else resolve({ overflow: true });
    });
  }

  #send({ seq, method, args, resolve }) {
    try {
      this.#hooks.send(this.#run, kinds.call, { seq, method, args });
      this.#inFlight.set(seq, { resolve });
    } catch (unsent) {
      resolve({ unsent });
    }
  }

  // Calls that the script did not wait for are waited for here; then a turn for their failures.
  async #settled() {
    do {
      await new Promise((resolve) => {
        this.#idle = resolve;
        this.#wakeIfIdle();
      });
    } while (this.#inFlight.size + this.#waiting.length > 0);
  }

  #wakeIfIdle() {
    if (this.#idle && this.#inFlight.size + this.#waiting.length === 0) {
      setImmediate(this.#idle);
      this.#idle = null;
    }
  }

  #setTimeout(callback, ms) {
    if (this.#ended) return 0;
    if (this.#timers.size >= TIMERS_MAX) throw new Error(`more than ${TIMERS_MAX} timers`);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#hooks.turn(this, () => {
        try {
          if (!this.#ended) callback();
        } catch (thrown) {
          this.fault(thrown);
        }
      });
    }, ms);
    this.#timers.add(timer);
    return timer[Symbol.toPrimitive]();
  }

  #finish({ failed, thrown }) {
    if (this.#ended) return;
    this.#ended = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#inFlight.clear();
    this.#waiting = [];
    this.#hooks.ended(this);
    const ok = !failed && !this.#aborted;
    const why = this.#aborted ? abortError(this.#aborted.reason) : thrown;
    const error = ok ? undefined : errorReport(why, this.#mapper);
    const stats = { calls: this.#calls, cpu_ms: Math.round(this.cpuMs) };
    this.#hooks.send(this.#run, kinds.done, { ok, error, stats });
  }
}
