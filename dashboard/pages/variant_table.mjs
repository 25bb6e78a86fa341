// Variants as rows: how each stands, what it did last and does next.

import { runBars } from '../charts.mjs';
import { h } from '../dom.mjs';
import { bytes, compact, count, duration } from '../format.mjs';
import { moment } from '../moments.mjs';
import { noteInPlace, variantHref } from '../router.mjs';
import { badge, stateOf, variantStates } from '../states.mjs';
import { Table } from '../table.mjs';

/**
 * Returns a table of variants of one sync, sorted as the query of the address says. `onChosen` is
 * given the names of those that are chosen.
 */
export function variantTable(query, onChosen) {
  return new Table({
    label: 'Variants', keyOf: (row) => row.variant, columns, onChosen,
    empty: 'Loading …',
    sort: sortOf(query.sort) ?? { key: 'state', descending: false },
    onSort: ({ key, descending }) => noteInPlace({ sort: `${descending ? '-' : ''}${key}` }),
  });
}

function sortOf(text) {
  const key = text?.replace(/^-/, '');
  return columns.some((each) => each.key === key && each.value)
    ? { key, descending: text.startsWith('-') } : null;
}

const time = (iso) => (iso ? Date.parse(iso) : Number.NaN);

/** What is shown of a variant. */
const columns = [
  { key: 'variant', title: 'Variant', value: (row) => row.variant, cell: nameCell },
  { key: 'state', title: 'State', width: 118, value: (row) => variantStates.indexOf(stateOf(row)),
    cell: stateCell },
  { key: 'last', title: 'Last run', width: 96, hide: 's', numeric: true, value: lastRunAt,
    cell: (row) => moment(row.last_run?.started_at ?? row.started_at, 'never') },
  { key: 'took', title: 'Took', width: 84, hide: 's', numeric: true, value: tookOf,
    cell: (row) => duration(tookOf(row)) },
  { key: 'changes', title: 'Changes', width: 132, hide: 'm', numeric: true, value: savedOf,
    hint: 'Added, updated and deleted by the last run', cell: changesCell },
  { key: 'recent', title: 'Recent runs', width: 122, hide: 'm',
    cell: (row) => runBars(row.recent) },
  { key: 'records', title: 'Records', width: 88, hide: 's', numeric: true,
    value: (row) => row.records, cell: (row) => count(row.records) },
  { key: 'bytes', title: 'Size', width: 84, hide: 'l', numeric: true, value: (row) => row.bytes,
    cell: (row) => bytes(row.bytes) },
  { key: 'next', title: 'Next run', width: 92, hide: 'm', numeric: true,
    value: (row) => time(nextOf(row)), cell: (row) => moment(nextOf(row)) },
  { key: 'worker', title: 'Worker', width: 104, hide: 'l', value: (row) => row.worker,
    cell: (row) => row.worker ?? h('span', { class: 'quiet' }, 'nowhere') },
];

const nextOf = (row) => row.next_run_at ?? row.next_run;

function lastRunAt(row) {
  return time(row.last_run?.started_at ?? row.started_at);
}

/** How long the last run took, or has been running, in milliseconds. */
export function tookOf(row) {
  if (stateOf(row) === 'running' && row.started_at) return Date.now() - Date.parse(row.started_at);
  return row.last_run?.duration_ms ?? Number.NaN;
}

function savedOf(row) {
  const { added = 0, updated = 0, deleted = 0 } = row.last_run ?? {};
  return row.last_run ? added + updated + deleted : Number.NaN;
}

function nameCell(row) {
  const more = [compact(row.records), 'records ·', moment(lastIso(row), 'never')];
  return [h('a', { href: variantHref(row), title: row.variant }, row.variant),
    h('span', { class: 'sub' }, more.map((each, i) => (i > 0 ? [' ', each] : each)))];
}

function lastIso(row) {
  return row.last_run?.started_at ?? row.started_at;
}

function stateCell(row) {
  const state = stateOf(row);
  const result = badge(state);
  if (state === 'failing') result.title = row.last_error?.description ?? '';
  if (state === 'paused') result.title = row.pause_reason ?? '';
  return result;
}

// What the last run changed, or what the one that is under way has come to.
function changesCell(row) {
  if (row.progress) return progressCell(row.progress);
  if (!row.last_run) return h('span', { class: 'quiet' }, '–');
  return changes(row.last_run);
}

function progressCell({ saved, records_per_s: rate }) {
  return h('span', { class: 'tone-run', title: 'Saved so far, and how many in a second' },
    `${compact(saved)} · ${compact(rate)}/s`);
}

/** Three numbers with their signs; a screen reader hears the words. */
export function changes({ added = 0, updated = 0, deleted = 0 }) {
  if (added + updated + deleted === 0) return h('span', { class: 'quiet' }, 'no change');
  return h('span', { class: 'changes' }, part('+', added, 'added', 'good'),
    part('~', updated, 'updated', 'run'), part('−', deleted, 'deleted', 'bad'));
}

function part(sign, value, word, tone) {
  if (value === 0) return null;
  return h('span', { class: `tone-${tone}`, title: `${count(value)} ${word}` }, sign,
    compact(value), h('span', { class: 'hidden-text' }, ` ${word} `));
}
