// What the last runs of a variant logged, and what it logs now.

import { get } from '../api.mjs';
import { debounced, h, replace } from '../dom.mjs';
import { bytes, clock, count, duration, stamp } from '../format.mjs';
import { jsonBox, searchField, select } from '../parts.mjs';
import { noteInPlace } from '../router.mjs';
import { matches, wordsOfSearch } from '../table_order.mjs';

const linesRead = 500;
const linesKept = 2000;
const interval = 3000;
const typingPause = 120;
// So near to its end a log counts as being followed.
const nearEnd = 40;
const levels = ['debug', 'info', 'warn', 'error'];

export class VariantLog {
  #visit;
  #named;
  #lines = [];
  #level;
  #run;
  #search = '';
  #isFollowed = true;
  #isLive = false;
  #box = h('div', { class: 'log', role: 'log', tabIndex: 0, 'aria-live': 'off',
    'aria-label': 'Log' });
  #tally = h('p', { class: 'tally' });
  #follow;
  #ready;
  #again;

  constructor(visit, named) {
    this.#visit = visit;
    this.#named = named;
    this.#level = levels.includes(visit.query.level) ? visit.query.level : 'debug';
    this.#run = visit.query.run ?? '';
    this.#follow = h('button', { type: 'button', class: 'button', 'aria-pressed': 'true',
      onclick: () => this.#setFollowed(!this.#isFollowed) }, 'Follow');
    this.#box.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    this.element = h('div', {}, h('div', { class: 'toolbar' },
      searchField('Find lines', '', debounced(typingPause, (text) => this.#find(text))),
      select('Level', levels.map((each) => [each, each]), this.#level, (level) => this.#choose({
        level })),
      this.#runField(), this.#follow, this.#tally), this.#box);
    this.#ready = this.#readAll();
    this.#again = visit.every(interval, () => this.#readNew());
  }

  #runField() {
    const field = h('input', { class: 'field', type: 'number', min: 1, value: this.#run,
      placeholder: 'all', onchange: () => this.#choose({ run: field.value }) });
    return h('label', { class: 'inline-label short' }, h('span', {}, 'Run'), field);
  }

  show() {}

  /** Lines come by the stream while it is live; those before are asked for. */
  stream(state) {
    this.#isLive = false;
    if (state === 'live') this.#again().then(() => { this.#isLive = true; });
  }

  /** Takes lines that came live. */
  log({ lines }) {
    this.#add(lines);
  }

  #choose({ level = this.#level, run = this.#run }) {
    this.#level = level;
    this.#run = run;
    noteInPlace({ level: level === 'debug' ? '' : level, run });
    this.#ready = this.#readAll();
    this.#again();
  }

  #find(text) {
    this.#search = text;
    this.#draw();
  }

  #query(more) {
    return { ...this.#named, level: this.#level, run: this.#run, limit: linesRead, ...more };
  }

  async #readAll() {
    const { lines } = await get('/varia/variants/log', this.#query(), this.#visit);
    this.#lines = lines.reverse();
    this.#draw();
  }

  async #readNew() {
    await this.#ready;
    if (this.#isLive && this.#lines.length > 0) return;
    const after = this.#lines.at(-1)?.id;
    if (!after) {
      await this.#readAll();
      return;
    }
    const { lines } = await get('/varia/variants/log', this.#query({ after }), this.#visit);
    this.#add(lines);
  }

  #add(lines) {
    const known = new Set(this.#lines.map(({ id }) => id));
    const fresh = lines.filter((line) => !known.has(line.id) && this.#isWanted(line));
    if (fresh.length === 0) return;
    this.#lines.push(...fresh);
    this.#lines.splice(0, Math.max(this.#lines.length - linesKept, 0));
    const words = wordsOfSearch(this.#search);
    this.#box.querySelector('.empty')?.remove();
    for (const line of fresh) if (isFound(line, words)) this.#box.append(lineOf(line));
    while (this.#box.children.length > linesKept) this.#box.firstChild.remove();
    this.#settle();
  }

  #isWanted(line) {
    return levels.indexOf(line.level) >= levels.indexOf(this.#level)
      && (this.#run === '' || String(line.run) === String(this.#run));
  }

  #draw() {
    const words = wordsOfSearch(this.#search);
    const found = this.#lines.filter((line) => isFound(line, words));
    replace(this.#box, found.length > 0 ? found.map(lineOf)
      : h('p', { class: 'empty' }, this.#lines.length === 0 ? 'Nothing was logged.'
        : 'No line is like that.'));
    this.#settle();
  }

  #settle() {
    this.#tally.textContent = `${count(this.#lines.length)} lines`;
    if (this.#isFollowed) this.#box.scrollTop = this.#box.scrollHeight;
  }

  #scrolled() {
    const left = this.#box.scrollHeight - this.#box.scrollTop - this.#box.clientHeight;
    this.#showFollowed(left < nearEnd);
  }

  #setFollowed(isFollowed) {
    this.#showFollowed(isFollowed);
    if (isFollowed) this.#box.scrollTop = this.#box.scrollHeight;
  }

  #showFollowed(isFollowed) {
    this.#isFollowed = isFollowed;
    this.#follow.setAttribute('aria-pressed', String(isFollowed));
  }
}

function isFound(line, words) {
  return words.length === 0 || matches(`${line.message ?? ''} ${line.http?.url ?? ''}`, words);
}

function lineOf(line) {
  const at = Date.parse(line.at);
  return h('div', { class: `log-line level-${line.level}` },
    h('time', { datetime: line.at, title: stamp(at) }, clock(at)),
    h('span', { class: 'log-level' }, line.level),
    h('span', { class: 'log-run', title: `Run ${line.run}` }, `#${line.run}`),
    h('span', { class: 'log-text' }, line.http ? requestOf(line.http) : line.message,
      line.payload !== undefined && line.payload !== null && payloadOf(line.payload)));
}

function payloadOf(payload) {
  return h('details', {}, h('summary', {}, 'payload'), jsonBox(payload, 'Payload'));
}

function requestOf(http) {
  const more = [
    http.attempt > 1 && `try ${http.attempt}`, Number.isFinite(http.ms) && duration(http.ms),
    Number.isFinite(http.bytes) && bytes(http.bytes),
    http.wait_ms > 0 && `waits ${duration(http.wait_ms)}`, http.failure,
  ].filter(Boolean);
  const tone = http.failure || http.status >= 400 ? 'tone-bad' : 'tone-good';
  return [h('span', { class: tone }, http.status ?? 'none'), ' ',
    h('span', { class: 'http-method' }, http.method), ' ', http.url, ' ',
    h('span', { class: 'quiet' }, more.join(' · '))];
}
