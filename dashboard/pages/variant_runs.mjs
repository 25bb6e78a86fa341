// What each tick of a variant did, and why it did not run.

import { get } from '../api.mjs';
import { h } from '../dom.mjs';
import { duration, stamp } from '../format.mjs';
import { moment } from '../moments.mjs';
import { chips } from '../parts.mjs';
import { variantHref } from '../router.mjs';
import { badge } from '../states.mjs';
import { Table } from '../table.mjs';
import { changes } from './variant_table.mjs';

const entriesMost = 500;
const ends = new Set(['success', 'failed', 'cancelled', 'interrupted']);
const kinds = {
  all: () => true,
  runs: (entry) => ends.has(entry.what),
  failed: (entry) => entry.what === 'failed',
  passed: (entry) => !ends.has(entry.what) && entry.what !== 'started',
};
const titles = {
  all: 'Everything', runs: 'Runs', failed: 'Failures', passed: 'Why it did not run',
};

export class VariantRuns {
  #visit;
  #named;
  #entries = [];
  #kind = 'all';
  #table;

  constructor(visit, named) {
    this.#visit = visit;
    this.#named = named;
    this.#table = runTable({ ...named, sync: named.name });
    visit.onLeave(() => this.#table.dispose());
    const choice = chips('Show', () => Object.entries(titles), this.#kind, (kind) => {
      this.#kind = kind;
      this.#filter();
    });
    this.element = h('div', {}, h('div', { class: 'toolbar' }, choice.element),
      this.#table.element);
  }

  /** Reads the history again: something may have come. */
  async show() {
    const { runs } = await get('/varia/variants/runs', { ...this.#named, limit: entriesMost },
      this.#visit);
    const known = new Map(this.#entries.map((entry) => [entry.id, entry]));
    this.#entries = runs.map((entry) => known.get(entry.id) ?? entry);
    this.#filter();
  }

  #filter() {
    this.#table.setRows(this.#entries.filter(kinds[this.#kind]), this.#entries.length === 0
      ? 'Nothing has happened yet.' : 'Nothing of that kind.');
  }
}

function runTable(row) {
  return new Table({
    label: 'History', keyOf: (entry) => entry.id, empty: 'Loading …',
    columns: [
      { key: 'what', title: 'What', width: 124, cell: whatCell },
      { key: 'run', title: 'Run', width: 70, hide: 's',
        cell: (entry) => runLink(row, entry.detail?.run) },
      { key: 'reason', title: 'Why', cell: (entry) => h('span', { title: entry.reason },
        entry.reason) },
      { key: 'result', title: 'Changes', width: 150, hide: 's', numeric: true, cell: resultCell },
      { key: 'took', title: 'Took', width: 130, numeric: true, hide: 's',
        cell: (entry) => tookText(entry) },
      { key: 'at', title: 'When', width: 84, numeric: true, cell: (entry) => h('span',
        { title: stamp(Date.parse(entry.at)) }, moment(entry.at)) },
    ],
  });
}

function whatCell(entry) {
  return [badge(entry.what), h('span', { class: 'sub' }, tookText(entry))];
}

function runLink(row, run) {
  if (!run) return '';
  return h('a', { href: `${variantHref(row, 'log')}?run=${run}`, title: 'Its log' }, `no. ${run}`);
}

function resultCell({ what, detail }) {
  if (!ends.has(what)) return '';
  const sum = { added: 0, updated: 0, deleted: 0 };
  for (const counts of Object.values(detail?.result ?? {})) {
    for (const kind of Object.keys(sum)) sum[kind] += counts[kind] ?? 0;
  }
  return changes(sum);
}

function tookText({ what, detail }) {
  if (what === 'started' && detail?.waited_ms > 0) return `waited ${duration(detail.waited_ms)}`;
  if (!ends.has(what) || !detail?.started_at) return '';
  return duration(timeOf(detail.finished_at) - timeOf(detail.started_at));
}

const timeOf = (value) => (typeof value === 'number' ? value : Date.parse(value));
