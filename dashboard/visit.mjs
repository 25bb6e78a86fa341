// A visit to a page: what the page asks for, follows and repeats ends with it.

import { currentSession } from './api.mjs';
import { noteFailure } from './dialogs.mjs';
import { h, replace } from './dom.mjs';
import { follow } from './live.mjs';

export class Visit {
  #ended = new AbortController();
  #isFollowing = false;
  #shell;

  /** `shell` is told what every page shares: `status`, and the `state` of the stream. */
  constructor({ parts, query }, shell) {
    Object.assign(this, { parts, query });
    this.#shell = shell;
  }

  /** Given to calls, so that they are given up when the visitor leaves. */
  get signal() {
    return this.#ended.signal;
  }

  get session() {
    return currentSession();
  }

  leave() {
    this.#ended.abort();
  }

  /** Has something done when the visitor leaves. */
  onLeave(act) {
    this.signal.addEventListener('abort', act, { once: true });
  }

  /**
   * Does something now and again `ms` after it is done, but not while nobody looks. The first
   * failure is shown, later ones only if it has worked in between. Returns a function that does it
   * at once.
   */
  every(ms, act) {
    let timer;
    let failed = false;
    let under = null;
    const once = async () => {
      clearTimeout(timer);
      try {
        if (!document.hidden) await act();
        failed = false;
      } catch (error) {
        if (!failed && !this.signal.aborted) noteFailure(error);
        failed = true;
      }
      if (!this.signal.aborted) timer = setTimeout(begin, ms);
    };
    const begin = () => {
      under ??= once().finally(() => { under = null; });
      return under;
    };
    const whenSeen = () => { if (!document.hidden) begin(); };
    document.addEventListener('visibilitychange', whenSeen, { signal: this.signal });
    this.onLeave(() => clearTimeout(timer));
    begin();
    return begin;
  }

  /** Follows the live stream of a subject; see `live.mjs`. A page follows one stream. */
  follow(subject, handlers = {}) {
    this.#isFollowing = true;
    const stop = follow(subject, {
      ...handlers,
      status: (event) => {
        this.#shell.status(event);
        handlers.status?.(event);
      },
      state: (state) => {
        this.#shell.state(state);
        handlers.state?.(state);
      },
    });
    this.onLeave(stop);
  }

  /** Follows what every page shares, if the page follows nothing of its own. */
  followAnyway() {
    if (!this.#isFollowing && !this.signal.aborted) this.follow({});
  }

  /**
   * Fills a box with what `render` makes of what `load` answers. Until then it says that it waits,
   * and what is refused is told in the box, with a button to try again.
   */
  async fill(box, load, render) {
    if (!box.hasChildNodes()) replace(box, h('p', { class: 'empty', role: 'status' }, 'Loading …'));
    try {
      const value = await load();
      if (this.signal.aborted) return;
      replace(box, render(value));
    } catch (error) {
      if (this.signal.aborted || error.status === 401) return;
      replace(box, h('div', { class: 'refusal', role: 'alert' }, h('p', {}, sentenceFor(error)),
        error.status === 403 || error.status === 404 ? null : h('button', {
          class: 'button', onclick: () => this.fill(box, load, render),
        }, 'Try again')));
    }
  }
}

function sentenceFor(error) {
  if (error.status === 403) return `This key may not see that. ${error.message}`;
  if (error.code === 'unknown_connection') return 'There is no such connection.';
  if (error.code === 'unknown_sync') return 'There is no such sync or variant.';
  return error.message;
}
