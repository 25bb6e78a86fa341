// Who changed what, newest first.

import { get, may } from '../api.mjs';
import { debounced, h, replace } from '../dom.mjs';
import { stamp } from '../format.mjs';
import { moment } from '../moments.mjs';
import { button, heading, searchField, tabs } from '../parts.mjs';
import { href } from '../router.mjs';
import { Table, shownOf } from '../table.mjs';
import { matches, wordsOfSearch } from '../table_order.mjs';

const pageSize = 200;
const interval = 10_000;
const typingPause = 120;

/** Shows the changes of the environment, or of the account. */
export function audit(visit, box) {
  const of = visit.parts[1] === 'account' ? 'account' : 'environment';
  const entries = new Map();
  let search = '';
  const tally = h('p', { class: 'tally' });
  const table = auditTable();
  visit.onLeave(() => table.dispose());
  const older = button('Older entries', () => readOlder(), { disabled: true });
  const field = searchField('Find among what was read', '', debounced(typingPause, (text) => {
    search = text;
    filter();
  }));
  replace(box, heading({ title: 'Audit' }), may('account:audit:read') && tabs('Audit', [
    ['Environment', href('audit'), of === 'environment'],
    ['Account', href('audit', 'account'), of === 'account'],
  ]), h('div', { class: 'toolbar' }, field, tally), table.element,
  h('div', { class: 'pager' }, older));

  const filter = () => {
    const words = wordsOfSearch(search);
    const rows = [...entries.values()];
    const found = rows.filter((row) => matches(textOf(row), words));
    table.setRows(found, rows.length === 0 ? 'Nothing was changed yet.' : 'No entry is like that.');
    tally.textContent = shownOf(found.length, rows.length, 'entry', 'entries');
  };
  const take = (found) => {
    for (const each of found) if (!entries.has(each.id)) entries.set(each.id, each);
    filter();
  };
  const read = (before) => get('/varia/audit', { of, limit: pageSize, before }, visit);
  let isFirst = true;
  visit.every(interval, async () => {
    const { entries: found } = await read();
    const known = new Map(entries);
    entries.clear();
    for (const each of found) entries.set(each.id, known.get(each.id) ?? each);
    for (const [id, each] of known) entries.set(id, each);
    filter();
    if (isFirst) older.disabled = found.length < pageSize;
    isFirst = false;
  });
  const readOlder = async () => {
    const { entries: found } = await read([...entries.keys()].at(-1));
    take(found);
    older.disabled = found.length < pageSize;
  };
}

// What says little to people stands at the end, or is left to the note of the cell.
const minor = new Set(['via', 'key', 'environment', 'method', 'path']);

function wordOf([name, value]) {
  return `${name}: ${typeof value === 'object' ? JSON.stringify(value) : value}`;
}

function detailText(detail) {
  return Object.entries(detail ?? {}).map(wordOf).join(', ');
}

function shortDetail({ method = '', path = '', ...others } = {}) {
  const words = Object.entries(others).filter(([name]) => !minor.has(name)).map(wordOf);
  return [`${method} ${path}`.trim(), ...words].filter(Boolean).join(', ') || '–';
}

const textOf = (row) => `${row.who} ${row.what} ${detailText(row.detail)}`;

function auditTable() {
  return new Table({
    label: 'Changes', keyOf: (row) => row.id, empty: 'Loading …',
    columns: [
      { key: 'what', title: 'What', width: 220, value: (row) => row.what, cell: (row) => [
        h('span', { title: stamp(Date.parse(row.at)) }, row.what),
        h('span', { class: 'sub' }, row.who)] },
      { key: 'who', title: 'Who', width: 170, hide: 's', value: (row) => row.who,
        cell: (row) => row.who },
      { key: 'detail', title: 'Of what', cell: (row) => h('span',
        { title: detailText(row.detail) }, shortDetail(row.detail ?? {})) },
      { key: 'at', title: 'When', width: 96, numeric: true, value: (row) => Date.parse(row.at),
        cell: (row) => moment(row.at) },
    ],
  });
}

