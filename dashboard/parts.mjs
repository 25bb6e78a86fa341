// What several pages are made of.

import { h, replace } from './dom.mjs';
import { pretty } from './format.mjs';

/**
 * The head of a page: where it stands (`crumbs` are `[text, address]`), its title, and what can be
 * done. Sets the title of the window, too.
 */
export function heading({ title, crumbs = [], actions = [], beside = null, lead = null }) {
  document.title = `${title} · Varia`;
  return h('header', { class: 'page-head' },
    crumbs.length > 0 && h('nav', { class: 'crumbs', 'aria-label': 'You are here' },
      h('ol', {}, crumbs.map(([text, address]) => h('li', {}, h('a', { href: address }, text))))),
    h('div', { class: 'page-title' }, h('h1', { tabIndex: -1 }, title), beside,
      h('div', { class: 'actions' }, actions)),
    lead && h('p', { class: 'lead' }, lead));
}

/** Parts of a page, each with an address: `[text, address, isCurrent]`. */
export function tabs(label, all) {
  return h('nav', { class: 'tabs', 'aria-label': label }, h('ul', {},
    all.map(([text, address, isCurrent]) => h('li', {}, h('a', {
      href: address, 'aria-current': isCurrent ? 'page' : null,
    }, text)))));
}

/** A part of a page under a title of its own. */
export function panel(title, ...children) {
  const id = `panel-${panel.next += 1}`;
  return h('section', { class: 'panel', 'aria-labelledby': id },
    h('h2', { id }, title), children);
}
panel.next = 0;

/** A panel with something beside its title. */
export function panelWith(title, beside, ...children) {
  const result = panel(title, ...children);
  const head = result.firstChild;
  const row = h('div', { class: 'panel-head' });
  head.replaceWith(row);
  row.append(head, ...[beside].flat().filter(Boolean));
  return result;
}

/** Facts as pairs of a word and what it is; pairs without a value are left out. */
export function facts(pairs) {
  return h('dl', { class: 'facts' }, pairs.filter(Boolean).map(([name, value]) => h('div', {},
    h('dt', {}, name), h('dd', {}, value === null || value === undefined || value === ''
      ? h('span', { class: 'quiet' }, '–') : value))));
}

/** A number with its name above and a detail below; `address` makes it a link. */
export function tile(name, value, { address = null, tone = null, detail = null } = {}) {
  const words = { class: ['tile', tone].filter(Boolean).join(' ') };
  const inside = [h('span', { class: 'tile-name' }, name),
    h('span', { class: 'tile-value' }, value), h('span', { class: 'tile-detail' }, detail ?? '')];
  return address ? h('a', { ...words, href: address }, inside) : h('div', words, inside);
}

/** The name of a coordinator without its last part, which tells lives of one process apart. */
export function shortName(coordinator) {
  return coordinator?.split('/').slice(0, 2).join('/') ?? '';
}

/** A JSON value to be read, and walked through with the keyboard where it is long. */
export function jsonBox(value, label) {
  return h('pre', { class: 'json', tabIndex: 0, role: 'group', 'aria-label': label },
    pretty(value));
}

/** A button that does something. */
export function button(text, act, { kind = '', title = null, disabled = false } = {}) {
  return h('button', { type: 'button', class: `button ${kind}`.trim(), title, disabled,
    onclick: act }, text);
}

/** A field for a search, which tells each change. `/` leads to it. */
export function searchField(label, value, act) {
  const input = h('input', {
    type: 'search', class: 'field search', placeholder: label, 'aria-label': label, value,
    spellcheck: 'false', autocomplete: 'off', 'data-search': true,
    oninput: () => act(input.value),
  });
  return input;
}

/** A choice of one of several: `options` are `[value, text]`. */
export function select(label, options, value, act) {
  const element = h('select', { class: 'field', onchange: () => act(element.value) },
    options.map(([each, text]) => h('option', { value: each, selected: each === value }, text)));
  return h('label', { class: 'inline-label' }, h('span', {}, label), element);
}

/** Buttons of which one is pressed: `options` are `[value, ...content]`. */
export function chips(label, options, value, act) {
  const box = h('div', { class: 'chips', role: 'group', 'aria-label': label });
  const show = (chosen) => replace(box, options().map(([each, ...content]) => h('button', {
    type: 'button', class: 'chip', 'aria-pressed': each === chosen ? 'true' : 'false',
    'data-value': each, onclick: () => choose(each),
  }, content)));
  let current = value;
  const choose = (each) => {
    current = each;
    redraw();
    act(each);
  };
  const redraw = () => {
    const had = box.contains(document.activeElement) ? document.activeElement.dataset.value : null;
    show(current);
    if (had !== null) box.querySelector(`[data-value="${had}"]`)?.focus();
  };
  show(current);
  return { element: box, redraw };
}
