// The connections of the environment, and one of them with its syncs.

import { get, may } from '../api.mjs';
import { meter, partsBar } from '../charts.mjs';
import { debounced, h, replace } from '../dom.mjs';
import { compact, count, duration, plural } from '../format.mjs';
import { moment } from '../moments.mjs';
import { facts, heading, jsonBox, panel, searchField } from '../parts.mjs';
import { connectionHref, href, noteInPlace, syncHref } from '../router.mjs';
import { badge, countStates } from '../states.mjs';
import { Table, plainTable } from '../table.mjs';

const pageSize = 100;
const typingPause = 250;
const interval = 10_000;

/** Shows all connections, page by page, and finds some of them. */
export function connections(visit, box) {
  let search = visit.query.q ?? '';
  let page = 0;
  let budgets = new Map();
  const table = connectionTable((row) => budgets.get(keyOf(row)));
  visit.onLeave(() => table.dispose());
  const tally = h('p', { class: 'tally' });
  const older = pageButton('Next page', () => turn(1));
  const newer = pageButton('Previous page', () => turn(-1));
  const field = searchField('Find a connection, end user or e-mail', search, debounced(typingPause,
    (text) => {
      search = text;
      page = 0;
      noteInPlace({ q: text });
      ask();
    }));
  replace(box, heading({ title: 'Connections' }), h('div', { class: 'toolbar' }, field, tally),
    table.element, h('div', { class: 'pager' }, newer, older));

  const load = () => get('/connections', { limit: pageSize, page, search }, visit);
  const ask = visit.every(interval, async () => {
    const [found, limits] = await Promise.all([load(), readBudgets(visit)]);
    budgets = limits;
    table.setRows(found.connections.map((each) => ({ ...each })));
    const first = page * pageSize;
    tally.textContent = found.connections.length === 0 ? 'none found'
      : `${count(first + 1)} to ${count(first + found.connections.length)}`;
    newer.disabled = page === 0;
    older.disabled = found.connections.length < pageSize;
  });
  const turn = (by) => {
    page += by;
    ask();
    window.scrollTo({ top: 0 });
  };
}

function pageButton(text, act) {
  return h('button', { type: 'button', class: 'button', disabled: true, onclick: act }, text);
}

const keyOf = (row) => `${row.provider_config_key}\n${row.connection_id}`;

async function readBudgets(visit) {
  if (!may('environment:syncs:read')) return new Map();
  const { budgets } = await get('/varia/budgets', {}, visit);
  return new Map(budgets.map((each) => [keyOf(each), each]));
}

function connectionTable(budgetOf) {
  return new Table({
    label: 'Connections',
    empty: 'No connection yet: import one with POST /connections.',
    keyOf,
    columns: [
      { key: 'id', title: 'Connection', value: (row) => row.connection_id, cell: (row) => [
        h('a', { href: connectionHref(row) }, row.connection_id),
        h('span', { class: 'sub' }, row.provider_config_key)] },
      { key: 'integration', title: 'Integration', hide: 's',
        value: (row) => row.provider_config_key, cell: (row) => row.provider_config_key },
      { key: 'user', title: 'End user', hide: 'm', value: userOf,
        cell: (row) => userOf(row) ?? '' },
      { key: 'budget', title: 'Requests', width: 170, cell: (row) => budgetCell(budgetOf(row)) },
      { key: 'errors', title: 'Credentials', width: 120, hide: 's',
        value: (row) => row.errors?.length ?? 0, cell: credentialCell },
      { key: 'created', title: 'Imported', width: 110, hide: 'm',
        value: (row) => Date.parse(row.created), cell: (row) => moment(row.created) },
    ],
  });
}

function userOf(row) {
  return row.end_user?.display_name ?? row.end_user?.email ?? row.end_user?.id ?? null;
}

function credentialCell(row) {
  return row.errors?.length > 0 ? badge('failing', 'Refused') : badge('ok', 'Good');
}

/** What a connection's requests may still do, or until when its provider has them wait. */
export function budgetCell(budget) {
  if (!budget) return h('span', { class: 'quiet' }, 'no limit known');
  if (budget.paused_until) {
    return h('span', { title: budget.reason }, badge('paused', 'Waits'), ' ',
      moment(budget.paused_until));
  }
  if (!budget.rate) return h('span', { class: 'quiet' }, 'no limit known');
  const { requests, per_ms: span } = budget.rate;
  return meter(budget.granted / requests, `${count(budget.granted)} of ${count(requests)} requests`
    + ` in ${duration(span)}`, { high: 0.9, text: `${count(budget.granted)}/${count(requests)}` });
}

/** Shows a connection: its syncs, what it may ask of its provider, and what is known of it. */
export function connection(visit, box) {
  const [, key, id] = visit.parts;
  const syncs = h('div');
  const about = h('div');
  const tally = h('p', { class: 'tally' });
  replace(box, heading({
    title: id, crumbs: [['Connections', href('connections')]], lead: `Integration ${key}`,
  }), h('div', { class: 'columns' }, panel('Syncs', tally, syncs), about));

  visit.every(interval, () => visit.fill(syncs,
    () => get('/varia/variants', { provider_config_key: key, connection_id: id }, visit),
    ({ variants }) => {
      const rows = groupBySync(variants);
      tally.textContent = `${plural(rows.length, 'sync')}, ${plural(variants.length, 'variant')}`;
      return syncsOf(rows);
    }));
  visit.fill(about, async () => {
    const [{ connections: found }, budgets] = await Promise.all([
      get('/connections', { connectionId: id, integrationId: key }, visit), readBudgets(visit)]);
    return [found.find((each) => keyOf(each) === `${key}\n${id}`),
      budgets.get(`${key}\n${id}`)];
  }, ([found, budget]) => found ? aboutPanel(found, budget)
    : h('p', { class: 'empty' }, 'There is no such connection.'));
}

function groupBySync(variants) {
  const groups = new Map();
  for (const row of variants) {
    if (!groups.has(row.sync)) groups.set(row.sync, []);
    groups.get(row.sync).push(row);
  }
  return [...groups.entries()].sort(([a], [b]) => a.localeCompare(b));
}

function syncsOf(groups) {
  return plainTable('Syncs of the connection', ['Sync', { title: 'Variants', numeric: true },
    'State', { title: 'Records', numeric: true, hide: 's' }], groups.map(([name, rows]) => {
    const counts = countStates(rows);
    const parts = Object.entries(counts).map(([state, value]) => ({ state, value }));
    const records = rows.reduce((sum, row) => sum + (row.records ?? 0), 0);
    return [h('a', { href: syncHref(rows[0]) }, name), count(rows.length), partsBar(parts, name),
      compact(records)];
  }), 'No sync is deployed for this integration.');
}

function aboutPanel(found, budget) {
  return h('div', { class: 'stack' },
    panel('Connection', facts([
      ['Provider', found.provider],
      ['Imported', moment(found.created)],
      ['Credentials', credentialCell(found)],
      ['Requests', budgetCell(budget)],
      budget && ['Variants that wait for requests', count(budget.waiting)],
      ['End user', userOf(found)],
    ])),
    panel('Metadata', found.metadata ? jsonBox(found.metadata, 'Metadata')
      : h('p', { class: 'empty' }, 'No metadata.')));
}

