// A table of any number of rows, of which only those in the window exist as elements. It is a table
// to screen readers, can be sorted by its heads, and is walked through with the arrow keys.

import { h, inNextFrame, say, setStyle } from './dom.mjs';
import { count, plural } from './format.mjs';
import { moveTo, rowsInWindow, sorted } from './table_order.mjs';

const rowHeightGuess = 35;
// Below so many rows all of them exist: nothing is gained by leaving some out.
const windowedFrom = 150;

export class Table {
  #columns;
  #keyOf;
  #empty;
  #rows = [];
  #shown = [];
  #made = new Map();
  #active = null;
  #sort;
  #rowHeight = rowHeightGuess;
  #heads = new Map();
  #body = h('tbody');
  #above = spacer();
  #below = spacer();
  #note = h('p', { class: 'empty', hidden: true });
  #onSort;
  #chosen = null;
  #all = null;
  #onChosen;

  /**
   * `keyOf` tells the text that names a row.
   * `columns` are `{ key, title, cell(row), value?(row), width?, numeric?, greatestFirst?, hide?,
   * hint? }`: with
   * `value` a column can be sorted by, and `hide` (`s`, `m` or `l`) leaves it out on windows that
   * are small, middle or large. The first column should have a link. `sort` is `{ key,
   * descending }`. With `onChosen` rows can be chosen; it is given the set of their keys.
   */
  constructor({ label, columns, keyOf, empty, sort, onSort, onChosen }) {
    this.#columns = columns;
    this.#keyOf = keyOf;
    this.#empty = empty;
    this.#sort = sort ?? { key: null, descending: false };
    this.#onSort = onSort;
    this.#onChosen = onChosen;
    if (onChosen) this.#chosen = new Set();
    this.table = h('table', { class: 'table' },
      h('caption', { class: 'hidden-text' }, label), this.#widths(),
      h('thead', {}, h('tr', {}, this.#chooseAllHead(), columns.map((each) => this.#head(each)))),
      this.#body);
    this.element = h('div', { class: 'table-box' }, this.table, this.#note);
    this.#body.addEventListener('keydown', (event) => this.#keyPressed(event));
    this.#body.addEventListener('focusin', (event) => this.#focused(event));
    this.#redraw = inNextFrame(() => this.#draw());
    window.addEventListener('scroll', this.#redraw, { passive: true });
    window.addEventListener('resize', this.#redraw, { passive: true });
  }

  #redraw;

  /** Ends what the table listens to. */
  dispose() {
    window.removeEventListener('scroll', this.#redraw);
    window.removeEventListener('resize', this.#redraw);
  }

  /** Shows these rows. A row that is the same object as before keeps its element. */
  setRows(rows, empty = this.#empty) {
    this.#rows = rows;
    this.#empty = empty;
    this.#order();
  }

  get chosen() {
    return this.#chosen;
  }

  /** Chooses no row. */
  clearChosen() {
    this.#chosen.clear();
    this.#made.clear();
    this.#tellChosen();
    this.#redraw();
  }

  /** The rows in the order in which they are shown. */
  get shown() {
    return this.#shown;
  }

  #order() {
    const column = this.#columns.find(({ key }) => key === this.#sort.key);
    const { descending } = this.#sort;
    this.#shown = column?.value ? sorted(this.#rows, column.value, descending) : this.#rows;
    this.table.setAttribute('aria-rowcount', this.#shown.length + 1);
    this.#note.hidden = this.#shown.length > 0;
    this.#note.textContent = this.#empty;
    this.table.hidden = this.#shown.length === 0;
    this.#redraw();
  }

  #widths() {
    const columns = this.#columns.map(({ width, hide }) => {
      const column = h('col', { class: hideClass(hide) });
      if (width) setStyle(column, { width: `${width}px` });
      return column;
    });
    return h('colgroup', {}, this.#chosen && h('col', { class: 'choose hide-s' }), columns);
  }

  #chooseAllHead() {
    if (!this.#chosen) return null;
    this.#all = h('input', { type: 'checkbox', 'aria-label': 'Choose all that are shown' });
    this.#all.addEventListener('change', () => this.#chooseAll(this.#all.checked));
    return h('th', { class: 'choose hide-s', scope: 'col' }, this.#all);
  }

  #chooseAll(isChosen) {
    this.#chosen.clear();
    if (isChosen) for (const row of this.#shown) this.#chosen.add(this.#keyOf(row));
    this.#made.clear();
    this.#tellChosen();
    this.#draw();
  }

  #tellChosen() {
    const size = this.#chosen.size;
    this.#all.checked = size > 0 && size >= this.#shown.length;
    this.#all.indeterminate = size > 0 && size < this.#shown.length;
    this.#onChosen(this.#chosen);
  }

  #head({ key, title, numeric, hide, value, hint }) {
    const words = { class: cellClass({ numeric, hide }), scope: 'col', title: hint };
    const head = h('th', words,
      value ? h('button', { type: 'button', class: 'sort', onclick: () => this.#sortBy(key) },
        h('span', {}, title)) : title);
    this.#heads.set(key, head);
    this.#markSort(key);
    return head;
  }

  #markSort(key) {
    const { key: sortedBy, descending } = this.#sort;
    const head = this.#heads.get(key);
    if (key !== sortedBy) head.removeAttribute('aria-sort');
    else head.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
  }

  #sortBy(key) {
    const column = this.#columns.find((each) => each.key === key);
    // Of numbers people mostly want the greatest.
    const first = Boolean(column.numeric || column.greatestFirst);
    const descending = this.#sort.key === key ? !this.#sort.descending : first;
    this.#sort = { key, descending };
    for (const each of this.#heads.keys()) this.#markSort(each);
    this.#onSort?.(this.#sort);
    this.#order();
    say(`Sorted by ${column.title}, ${descending ? 'descending' : 'ascending'}`);
  }

  #draw() {
    const [first, end] = this.#window();
    const focused = this.#focusedKey();
    const rows = this.#shown.slice(first, end);
    const made = new Map();
    const elements = rows.map((row, i) => this.#element(row, first + i, made));
    this.#made = made;
    this.#pad(this.#above, first);
    this.#pad(this.#below, this.#shown.length - end);
    this.#put([this.#above, ...elements, this.#below]);
    this.#measure(elements[0]);
    this.#markActive(rows);
    if (focused !== null) this.#focusRow(focused, false);
  }

  // Elements that stay are not taken out and put in again, which would end a selection or a hover.
  #put(elements) {
    const wanted = new Set(elements);
    for (const each of [...this.#body.children]) if (!wanted.has(each)) each.remove();
    elements.forEach((each, i) => {
      if (this.#body.children[i] !== each) this.#body.insertBefore(each, this.#body.children[i]);
    });
  }

  #window() {
    const total = this.#shown.length;
    if (total <= windowedFrom) return [0, total];
    const { top } = this.#body.getBoundingClientRect();
    return rowsInWindow({
      count: total, rowHeight: this.#rowHeight, top, height: window.innerHeight,
    });
  }

  #pad(element, rows) {
    element.hidden = rows <= 0;
    setStyle(element.firstChild, { height: `${Math.max(rows, 0) * this.#rowHeight}px` });
  }

  #measure(element) {
    const height = element?.getBoundingClientRect().height;
    if (!height || Math.abs(height - this.#rowHeight) < 0.5) return;
    this.#rowHeight = height;
    this.#redraw();
  }

  #element(row, index, made) {
    const key = this.#keyOf(row);
    const before = this.#made.get(key);
    const element = before?.row === row ? before.element : this.#makeRow(row, key);
    element.setAttribute('aria-rowindex', index + 2);
    made.set(key, { row, element });
    return element;
  }

  #makeRow(row, key) {
    const cells = this.#columns.map((column, i) => {
      const kind = i === 0 ? 'th' : 'td';
      const words = { class: cellClass(column), scope: i === 0 ? 'row' : null };
      return h(kind, words, column.cell(row));
    });
    const isChosen = this.#chosen?.has(key);
    const element = h('tr', { class: isChosen ? 'chosen' : null },
      this.#chosen && this.#chooseCell(key, isChosen), cells);
    element.dataset.key = key;
    return element;
  }

  #chooseCell(key, isChosen) {
    const box = h('input', {
      type: 'checkbox', checked: isChosen, tabIndex: -1, 'aria-label': `Choose ${key}`,
      onchange: () => this.#choose(key, box.checked),
    });
    return h('td', { class: 'choose hide-s' }, box);
  }

  #choose(key, isChosen) {
    if (isChosen) this.#chosen.add(key);
    else this.#chosen.delete(key);
    this.#made.delete(key);
    this.#tellChosen();
    this.#redraw();
  }

  #focused(event) {
    const key = event.target.closest('tr')?.dataset.key ?? null;
    if (key === null || key === this.#active) return;
    this.#active = key;
    this.#markActive(this.#shown.filter((row) => this.#made.has(this.#keyOf(row))));
  }

  #focusedKey() {
    const row = document.activeElement?.closest?.('tr');
    return row && this.#body.contains(row) && isRowLink(document.activeElement)
      ? row.dataset.key : null;
  }

  // One row can be reached with the tabulator, the one that was focused last; arrows do the rest.
  #markActive(rows) {
    const keys = rows.map(this.#keyOf);
    const active = keys.includes(this.#active) ? this.#active : keys[0];
    for (const [key, { element }] of this.#made) {
      const link = linkOf(element);
      if (link) link.tabIndex = key === active ? 0 : -1;
    }
  }

  #keyPressed(event) {
    if (!isRowLink(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.target.closest('tr').dataset.key;
    if (event.key === ' ' && this.#chosen) {
      event.preventDefault();
      this.#choose(key, !this.#chosen.has(key));
      return;
    }
    const index = this.#shown.findIndex((row) => this.#keyOf(row) === key);
    const page = Math.max(Math.floor(window.innerHeight / this.#rowHeight) - 6, 1);
    const next = moveTo(event.key, index, this.#shown.length, page);
    if (next === null) return;
    event.preventDefault();
    this.#bringIntoView(next);
    this.#draw();
    this.#focusRow(this.#keyOf(this.#shown[next]), true);
  }

  // A row may not exist yet, so the window is moved to where it will be.
  #bringIntoView(index) {
    const top = this.#body.getBoundingClientRect().top + index * this.#rowHeight;
    const head = 2 * this.#rowHeight + 60;
    const bottom = window.innerHeight - 2 * this.#rowHeight;
    if (top < head) window.scrollBy({ top: top - head, behavior: 'instant' });
    else if (top > bottom) window.scrollBy({ top: top - bottom, behavior: 'instant' });
  }

  #focusRow(key, always) {
    const link = linkOf(this.#made.get(key)?.element);
    if (link && (always || document.activeElement !== link)) link.focus({ preventScroll: true });
  }
}

function spacer() {
  return h('tr', { class: 'spacer', 'aria-hidden': 'true', hidden: true }, h('td', {}));
}

function hideClass(hide) {
  return hide ? `hide-${hide}` : null;
}

function cellClass({ numeric, hide }) {
  return [numeric && 'numeric', hideClass(hide)].filter(Boolean).join(' ') || null;
}

function linkOf(element) {
  return element?.querySelector('th a, th button') ?? null;
}

function isRowLink(element) {
  return element instanceof Element && element.closest('th[scope=row]') !== null;
}

/** The sentence that tells how many of all rows are shown. */
export function shownOf(shown, all, thing, things = `${thing}s`) {
  const whole = plural(all, thing, things);
  return shown === all ? whole : `${count(shown)} of ${whole}`;
}

/** A table of few rows, without sorting: `rows` are lists of cells, the first is the head. */
export function plainTable(label, heads, rows, empty) {
  if (rows.length === 0) return h('p', { class: 'empty' }, empty);
  const table = h('table', { class: 'table plain' }, h('caption', { class: 'hidden-text' }, label),
    h('thead', {}, h('tr', {}, heads.map((head) => h('th', headProps(head), headText(head))))),
    h('tbody', {}, rows.map((row) => h('tr', {}, row.map((cell, i) => h(i === 0 ? 'th' : 'td',
      { ...headProps(heads[i]), scope: i === 0 ? 'row' : null }, cell))))));
  return h('div', { class: 'table-box' }, table);
}

/** The head of a column of buttons, which only screen readers tell. */
export const actionsHead = { title: 'Actions', isHidden: true };

function headText(head) {
  return head.isHidden ? h('span', { class: 'hidden-text' }, head.title) : head.title ?? head;
}

function headProps(head) {
  return { class: cellClass(head), scope: 'col' };
}
