// What stands around every page: the ways to the others, the cluster, and who is signed in.

import { may, signOut } from './api.mjs';
import { append, h, replace, setText } from './dom.mjs';
import { shortName } from './parts.mjs';
import { href } from './router.mjs';
import { themeSwitch } from './theme.mjs';

const places = [
  ['', 'Overview', 'environment:syncs:read'],
  ['connections', 'Connections', 'environment:connections:list'],
  ['functions', 'Functions', 'environment:functions:list'],
  ['workers', 'Workers', 'account:cluster:read'],
  ['webhooks', 'Webhooks', 'environment:webhooks:read'],
  ['audit', 'Audit', 'environment:audit:read'],
];
// Pages that stand under another.
const parents = {
  connection: 'connections', sync: 'connections', variant: 'connections', function: 'functions',
  worker: 'workers',
};
const streamWords = { live: 'Live', waiting: 'Connecting', off: 'Not live' };

export class Shell {
  #page = h('main', { id: 'page', tabIndex: -1 });
  #links = new Map();
  #stream = h('span', { class: 'stream', 'data-state': 'waiting' }, streamWords.waiting);
  #cluster = h('span', { class: 'cluster-line' });

  constructor(session) {
    const menu = h('div', { class: 'menu', id: 'menu' }, this.#nav(), this.#foot(session));
    const toggle = h('button', {
      type: 'button', class: 'button quiet-button menu-toggle', 'aria-expanded': 'false',
      'aria-controls': 'menu',
      onclick: () => open(toggle.getAttribute('aria-expanded') !== 'true'),
    }, 'Menu');
    const open = (isOpen) => {
      toggle.setAttribute('aria-expanded', String(isOpen));
      menu.classList.toggle('open', isOpen);
    };
    this.#closeMenu = () => open(false);
    this.element = h('div', { class: 'shell' },
      h('a', { class: 'skip', href: '#page', onclick: (event) => this.#skip(event) },
        'Skip to the page'),
      h('header', { class: 'side' },
        h('div', { class: 'brand-row' }, h('a', { class: 'brand', href: '#/' },
          h('img', { src: '/assets/icon.svg', alt: '', width: 24, height: 24 }), 'Varia'),
        this.#stream, toggle), menu),
      this.#page);
  }

  #closeMenu;

  #skip(event) {
    event.preventDefault();
    this.#page.focus();
  }

  #nav() {
    const seen = places.filter(([, , scope]) => may(scope));
    return h('nav', { 'aria-label': 'Pages' }, h('ul', {}, seen.map(([place, title]) => {
      const link = h('a', { href: href(...[place].filter(Boolean)) }, title);
      this.#links.set(place, link);
      return h('li', {}, link);
    })));
  }

  #foot(session) {
    return h('div', { class: 'side-foot' },
      h('div', { class: 'who' },
        h('span', { class: 'environment' }, session.environment || 'account'),
        h('span', { class: 'quiet' }, session.key_name)),
      this.#cluster, themeSwitch(),
      h('button', { type: 'button', class: 'button quiet-button', onclick: signOut }, 'Sign out'));
  }

  /** Marks the place that is shown, and closes the menu of narrow windows. */
  goTo(place) {
    const shown = parents[place] ?? place;
    for (const [each, link] of this.#links) {
      if (each === shown) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
    this.#closeMenu();
  }

  /** The box for a page, without the one before. */
  emptyPage() {
    replace(this.#page);
    return this.#page;
  }

  /** Tells what the stream is about. */
  state(state) {
    this.#stream.dataset.state = state;
    setText(this.#stream, streamWords[state]);
  }

  /** Shows who leads. */
  status({ cluster }) {
    if (!cluster) return;
    replace(this.#cluster);
    append(this.#cluster, [h('span', { title: cluster.leader },
      `leader ${shortName(cluster.leader) || '–'}`),
      h('span', {}, `epoch ${cluster.epoch ?? '–'}`)]);
  }
}
