// The records of a variant, the newest change first: what changed when, and what each holds now.

import { get } from '../api.mjs';
import { h, replace } from '../dom.mjs';
import { bytes, compact, stamp } from '../format.mjs';
import { moment } from '../moments.mjs';
import { button, chips, facts, jsonBox, select } from '../parts.mjs';
import { noteInPlace } from '../router.mjs';
import { badge, titleOf } from '../states.mjs';
import { Table } from '../table.mjs';

const pageSize = 100;
const actions = ['added', 'updated', 'deleted'];

export class VariantRecords {
  #visit;
  #named;
  #model;
  #filter;
  #counts = null;
  #cursor = null;
  #rows = [];
  #toolbar = h('div', { class: 'toolbar' });
  #table;
  #older = button('Older changes', () => this.#readOlder(), { disabled: true });
  #detail = h('div', { class: 'record', role: 'region', 'aria-label': 'Record' });
  #fresh = button('Show what is new', () => this.#read(), { kind: 'primary' });

  constructor(visit, named) {
    this.#visit = visit;
    this.#named = named;
    this.#model = visit.query.model ?? null;
    this.#filter = actions.includes(visit.query.filter) ? visit.query.filter : 'all';
    this.#table = recordTable((row) => this.#showDetail(row));
    visit.onLeave(() => this.#table.dispose());
    this.#fresh.hidden = true;
    this.element = h('div', {}, this.#toolbar, h('div', { class: 'split' },
      h('div', {}, this.#table.element, h('div', { class: 'pager' }, this.#older)), this.#detail));
    replace(this.#detail, h('p', { class: 'empty' }, 'Choose a record to see what it holds.'));
  }

  /** Takes the counts of the variant; the first time, its models, too. */
  async show({ records }) {
    const before = this.#counts;
    this.#counts = records ?? {};
    if (before === null) {
      this.#model ??= Object.keys(this.#counts)[0] ?? null;
      this.#drawToolbar();
      await this.#read();
    } else if (JSON.stringify(before) !== JSON.stringify(this.#counts)) {
      this.#fresh.hidden = false;
    }
  }

  #drawToolbar() {
    const models = Object.entries(this.#counts)
      .map(([model, value]) => [model, `${model} (${compact(value)})`]);
    const choice = chips('Changes', () => [['all', 'All'], ...actions.map((each) => [each,
      titleOf(each)])], this.#filter, (filter) => this.#choose({ filter }));
    replace(this.#toolbar, models.length > 0 && select('Model', models, this.#model,
      (model) => this.#choose({ model })), choice.element, this.#fresh);
  }

  #choose({ model = this.#model, filter = this.#filter }) {
    this.#model = model;
    this.#filter = filter;
    noteInPlace({ model, filter: filter === 'all' ? '' : filter });
    this.#read();
  }

  async #page(cursor) {
    const answer = await get('/varia/records', {
      ...this.#named, model: this.#model, limit: pageSize, cursor,
      filter: this.#filter === 'all' ? null : this.#filter,
    }, this.#visit);
    this.#cursor = answer.next_cursor;
    this.#older.disabled = !answer.next_cursor;
    return answer.records.map(rowOf);
  }

  async #read() {
    if (this.#model === null) {
      this.#table.setRows([], 'No records yet.');
      return;
    }
    this.#fresh.hidden = true;
    this.#rows = await this.#page(null);
    this.#table.setRows(this.#rows, 'No record changed like that.');
  }

  async #readOlder() {
    this.#older.disabled = true;
    this.#rows = [...this.#rows, ...await this.#page(this.#cursor)];
    this.#table.setRows(this.#rows);
  }

  #showDetail(row) {
    replace(this.#detail, h('h2', {}, row.id), facts([
      ['Last change', badge(row.action)],
      ['Changed', momentOf(row.changed_at)],
      ['First seen', momentOf(row.first_seen_at)],
      row.deleted_at && ['Deleted', momentOf(row.deleted_at)],
      row.pruned_at && ['Pruned', momentOf(row.pruned_at)],
      row.data && ['Size', bytes(new Blob([JSON.stringify(row.data)]).size)],
    ]), row.data === null ? h('p', { class: 'empty' }, 'Its content was pruned.')
      : jsonBox(row.data, `Record ${row.id}`));
    if (window.innerWidth < 900) this.#detail.scrollIntoView({ block: 'start' });
  }
}

// What a record came with, apart from what Varia knows of it. One that was pruned has its id only.
function rowOf({ _nango_metadata: known, ...data }) {
  return {
    id: data.id,
    data: known.pruned_at === null ? data : null,
    action: known.last_action.toLowerCase(),
    changed_at: known.last_modified_at,
    first_seen_at: known.first_seen_at,
    deleted_at: known.deleted_at,
    pruned_at: known.pruned_at,
    cursor: known.cursor,
  };
}

function momentOf(iso) {
  return [moment(iso), ' ', h('span', { class: 'quiet' }, stamp(Date.parse(iso)))];
}

function recordTable(act) {
  return new Table({
    label: 'Records, newest change first',
    keyOf: (row) => `${row.id} ${row.cursor}`,
    empty: 'Loading …',
    columns: [
      { key: 'id', title: 'Record', cell: (row) => [h('button', { type: 'button', class: 'link',
        onclick: () => act(row) }, row.id), h('span', { class: 'sub' }, titleOf(row.action))] },
      { key: 'action', title: 'Change', width: 100, hide: 's', cell: (row) => badge(row.action) },
      { key: 'content', title: 'Content', hide: 's', cell: (row) => preview(row) },
      { key: 'at', title: 'Changed', width: 84, numeric: true,
        cell: (row) => moment(row.changed_at) },
    ],
  });
}

const previewLength = 160;

// Enough to tell records apart.
function preview(row) {
  if (row.data === null) return h('span', { class: 'quiet' }, 'pruned');
  const text = Object.entries(row.data).filter(([name]) => name !== 'id').map(([name, value]) => (
    `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)).join(', ');
  return h('span', { class: 'quiet' }, text.slice(0, previewLength));
}
