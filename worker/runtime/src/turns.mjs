// Work for sessions, one piece per turn of the event loop: no run keeps the others from being
// served, and the processor time of a piece, with all the script does after it, counts for its run.

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
    setImmediate(() => {
      this.#scheduled = false;
      this.#step();
    });
  }

  #step() {
    this.#close();
    const next = this.#queue.shift();
    if (!next) return;
    this.#current = { session: next.session, cpu: cpuMs(), wall: performance.now() };
    // The next step comes after the microtasks of this one, and closes its account.
    this.#schedule();
    next.work();
  }

  #close() {
    if (!this.#current) return;
    const { session, cpu, wall } = this.#current;
    this.#current = null;
    session.cpuMs += cpuMs() - cpu;
    this.#longestMs = Math.max(this.#longestMs, performance.now() - wall);
  }
}
