/** Lets `rate` requests a second pass, and `burst` of them at once after a pause. */
export class TokenBucket {
  #rate;
  #burst;
  #tokens;
  #filledAt;

  constructor(rate, burst, now = 0) {
    this.#rate = rate;
    this.#burst = burst;
    this.#tokens = burst;
    this.#filledAt = now;
  }

  /** Takes a token if there is one. `now` is in milliseconds and never goes back. */
  take(now) {
    const gained = ((now - this.#filledAt) / 1000) * this.#rate;
    this.#tokens = Math.min(this.#burst, this.#tokens + gained);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
