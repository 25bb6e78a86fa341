// The calls of one run that the host has not answered: how many may be open, and how many bytes.

const IN_FLIGHT_MAX = 32;
const WAITING_MAX = 10_000;

export class Calls {
  /** How many were made. */
  made = 0;

  #ports;
  #creditBytes;
  #inFlight = new Map();
  #bytes = 0;
  #waiting = [];

  /**
   * `ports` has `encode(body)` for the frame of a call, as [header, bytes], and `write(frame)`.
   * Calls wait while those in flight have more than `creditBytes`; a larger one goes alone.
   */
  constructor(ports, creditBytes) {
    this.#ports = ports;
    this.#creditBytes = creditBytes;
  }

  /** How many are not answered, sent or not. */
  get open() {
    return this.#inFlight.size + this.#waiting.length;
  }

  /** Resolves to the host's answer, `{overflow}`, `{unsent: error}`, or what `fail` was given. */
  exchange(method, args) {
    return new Promise((resolve) => {
      if (this.#waiting.length >= WAITING_MAX) {
        resolve({ overflow: WAITING_MAX });
        return;
      }
      this.#waiting.push({ method, args, resolve, frame: null });
      this.#pump();
    });
  }

  /** Takes the answer to a call; one to a call that is not open is ignored. */
  answer(seq, outcome) {
    const call = this.#inFlight.get(seq);
    if (!call) return;
    this.#inFlight.delete(seq);
    this.#bytes -= call.bytes;
    call.resolve(outcome);
    this.#pump();
  }

  /** Ends all calls with an outcome, or only those that were not sent. */
  fail(outcome, { unsentOnly = false } = {}) {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { resolve } of waiting) resolve(outcome);
    if (unsentOnly) return;
    for (const { resolve } of this.#inFlight.values()) resolve(outcome);
    this.forget();
  }

  /** Leaves all calls without an end. */
  forget() {
    this.#inFlight.clear();
    this.#waiting = [];
    this.#bytes = 0;
  }

  #pump() {
    while (this.#waiting.length > 0 && this.#inFlight.size < IN_FLIGHT_MAX) {
      const [call] = this.#waiting;
      if (this.#encode(call)) {
        const bytes = call.frame[0].length + call.frame[1].length;
        if (this.#bytes > 0 && this.#bytes + bytes > this.#creditBytes) return;
        this.#bytes += bytes;
        this.#inFlight.set(call.seq, { resolve: call.resolve, bytes });
        this.#ports.write(call.frame);
      }
      this.#waiting.shift();
    }
  }

  #encode(call) {
    if (call.frame) return true;
    const { method, args } = call;
    const seq = this.made + 1;
    try {
      call.frame = this.#ports.encode({ seq, method, args });
    } catch (unsent) {
      call.resolve({ unsent });
      return false;
    }
    call.seq = seq;
    call.args = null;
    this.made = seq;
    return true;
  }
}
