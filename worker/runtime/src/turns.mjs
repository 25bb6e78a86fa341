// Work for sessions, one piece per turn of the event loop: no run keeps the others from being
// served, and the processor time of a piece, with all the script does after it, counts for its run.

const STACK_FRAMES_MAX = 30;

function cpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

export class Turns {
  #queue = [];
  #current = null;
  #longestMs = 0;
  #scheduled = false;

  /** The session whose turn it is, if any. */
  get current() {
    return this.#current?.session ?? null;
  }

  add(session, work) {
    this.#queue.push({ session, work });
    this.#schedule();
  }

  /** The longest turn since this was last asked, in milliseconds. */
  takeLongestMs() {
    const longest = this.#longestMs;
    this.#longestMs = 0;
    return longest;
  }

  #schedule() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#open());
    // Comes after the microtasks of the piece, and before anything else that may happen.
    setImmediate(() => {
      this.#close();
      this.#scheduled = false;
      if (this.#queue.length > 0) this.#schedule();
    });
  }

  #open() {
    const { session, work } = this.#queue.shift();
    this.#current = { session, cpu: cpuMs(), wall: performance.now() };
    // The one thing of the shared classes that the run before could change.
    Error.stackTraceLimit = STACK_FRAMES_MAX;
    work();
  }

  #close() {
    const { session, cpu, wall } = this.#current;
    this.#current = null;
    session.cpuMs += cpuMs() - cpu;
    this.#longestMs = Math.max(this.#longestMs, performance.now() - wall);
  }
}
