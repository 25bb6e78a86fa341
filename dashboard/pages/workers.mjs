// Workers with what they host, the coordinators, and what would even the load out.

import { change, get, may } from '../api.mjs';
import { meter } from '../charts.mjs';
import { confirm, note } from '../dialogs.mjs';
import { debounced, h, replace } from '../dom.mjs';
import { compact, count, duration, percent, plural } from '../format.mjs';
import { moment } from '../moments.mjs';
import { button, facts, heading, panel, searchField, shortName } from '../parts.mjs';
import { href, noteInPlace, syncHref, variantHref, wordsOf } from '../router.mjs';
import { badge, stateOf, variantStates } from '../states.mjs';
import { Table, actionsHead, plainTable, shownOf } from '../table.mjs';
import { matches, wordsOfSearch } from '../table_order.mjs';

const interval = 3000;
const hostedInterval = 10_000;
const typingPause = 120;
const deadlineDefault = 30;
const mayChange = () => may('account:cluster:write');

/** What an operator wants of a worker, or `lost` if nothing was heard of it. */
export function dutyOf(worker) {
  return worker.alive === false ? 'lost' : worker.duty;
}

/** How many of a worker's slots are in use. */
export function loadOf(worker) {
  const part = worker.slots > 0 ? worker.running / worker.slots : 0;
  return meter(part, `${percent(worker.busy_permille / 1000)} in the last minute`,
    { high: 0.95, text: `${count(worker.running)}/${count(worker.slots)}` });
}

/** Shows workers and coordinators. */
export function workers(visit, box) {
  const list = h('div');
  const coordinators = h('div');
  replace(box, heading({ title: 'Workers',
    actions: mayChange() && button('Even out the load', () => rebalance(ask)) }), list,
  panel('Coordinators', coordinators));
  const ask = visit.every(interval, async () => {
    const [{ workers: all }, leads] = await Promise.all([
      get('/varia/workers', {}, visit), get('/varia/coordinators', {}, visit)]);
    refill(list, workersTable(all, () => ask()));
    refill(coordinators, coordinatorsTable(leads.coordinators, () => ask()));
  });
}

// Tables of few rows are made anew; whoever has a button focused shall keep it.
function refill(box, content) {
  const named = box.contains(document.activeElement) && document.activeElement.dataset.name;
  replace(box, content);
  if (named) box.querySelector(`[data-name="${CSS.escape(named)}"]`)?.focus();
}

function workersTable(all, ask) {
  return plainTable('Workers', ['Worker', 'Duty', { title: 'Variants', numeric: true },
    'Slots in use', { title: 'Waiting', numeric: true, hide: 's' },
    { title: 'Wait, 99 %', numeric: true, hide: 'm' }, { title: 'Labels', hide: 'l' },
    { title: 'Address', hide: 'l' }, { ...actionsHead, hide: 's' }], all.map((each) => [
    h('a', { href: href('worker', each.worker), 'data-name': each.worker }, each.worker),
    badge(dutyOf(each)), count(each.variants), loadOf(each), count(each.queued),
    duration(each.wait_p99_ms), labelsOf(each.labels), each.address, dutyButtons(each, ask)]),
  'No worker has joined yet.');
}

function labelsOf(labels) {
  const words = Array.isArray(labels) ? labels
    : Object.entries(labels ?? {}).map(([name, value]) => `${name}=${value}`);
  return words.join(', ') || h('span', { class: 'quiet' }, '–');
}

function dutyButtons(worker, ask, kind = 'small') {
  if (!mayChange()) return '';
  const named = (text, act) => {
    const element = button(text, act, { kind });
    element.dataset.name = `${text} ${worker.worker}`;
    element.setAttribute('aria-label', `${text} ${worker.worker}`);
    return element;
  };
  const isActive = worker.duty === 'active';
  return h('span', { class: 'row-actions' },
    isActive ? named('Cordon', () => cordon(worker.worker, ask))
      : named('Uncordon', () => uncordon(worker.worker, ask)),
    named('Drain', () => drain(worker.worker, ask)));
}

async function cordon(worker, ask) {
  await confirm({
    title: 'Cordon', action: 'Cordon',
    text: `${worker} keeps its variants, but is given no more.`,
    act: () => change('POST', '/varia/workers/cordon', { worker }),
  }) && done(`${worker} is cordoned`, ask);
}

async function uncordon(worker, ask) {
  await confirm({
    title: 'Uncordon', text: `${worker} is given variants again.`, action: 'Uncordon',
    act: () => change('POST', '/varia/workers/uncordon', { worker }),
  }) && done(`${worker} takes variants again`, ask);
}

async function drain(worker, ask) {
  const field = h('label', { class: 'labelled' }, h('span', {}, 'Seconds for what runs to save'),
    h('input', { class: 'field', type: 'number', name: 'deadline', min: 1, max: 3600,
      value: deadlineDefault, required: true }));
  await confirm({
    title: 'Drain', action: 'Drain', danger: true, fields: [field],
    text: `All variants of ${worker} move to other workers. What runs goes on there from its last `
      + 'checkpoint.',
    act: (form) => change('POST', '/varia/workers/drain',
      { worker, deadline_s: Number(form.get('deadline')) }),
  }) && done(`${worker} is being drained`, ask);
}

function done(text, ask) {
  note(text);
  ask();
}

async function rebalance(ask) {
  const { moves } = await get('/varia/rebalance');
  if (moves.length === 0) {
    note('The load is even: nothing would be moved.');
    return;
  }
  const shown = h('div', { class: 'scroll-box', tabIndex: 0, role: 'region', 'aria-label': 'Plan' },
    plainTable('Plan', ['Variant', 'From', 'To'], moves.map((move) => [
      `${move.sync} · ${move.variant}`, move.from, move.to]), ''));
  await confirm({
    title: 'Even out the load', action: 'Move them', fields: [shown],
    text: `${plural(moves.length, 'variant')} would move. Variants that run stay where they are.`,
    act: () => change('POST', '/varia/rebalance', {}),
  }) && done(`${plural(moves.length, 'variant')} begin to move`, ask);
}

function coordinatorsTable(all, ask) {
  return plainTable('Coordinators', ['Coordinator', 'Part', { title: 'Address', hide: 's' },
    { title: 'Since', numeric: true }, actionsHead], all.map((each) => [
    h('span', { title: each.coordinator }, shortName(each.coordinator)),
    each.leads ? badge('active', 'Leads') : badge('waiting', 'Stands by'),
    each.address, moment(each.since), promoteButton(each, ask)]),
  'No coordinator is known.');
}

function promoteButton(each, ask) {
  if (each.leads || !mayChange()) return '';
  return button('Hand over the lead', () => promote(each.coordinator, ask), { kind: 'small' });
}

async function promote(coordinator, ask) {
  await confirm({
    title: 'Hand over the lead', text: `${coordinator} leads from now on, under a new epoch.`,
    action: 'Hand over', danger: true,
    act: () => change('POST', '/varia/coordinators/promote', { coordinator }),
  }) && done(`${coordinator} takes the lead`, ask);
}

/** Shows a worker with the variants of the environment that it hosts. */
export function worker(visit, box) {
  const [, name] = visit.parts;
  const about = h('div');
  const actions = h('div', { class: 'actions' });
  const table = hostedTable();
  visit.onLeave(() => table.dispose());
  let rows = [];
  let search = visit.query.q ?? '';
  const tally = h('p', { class: 'tally' });
  const filter = () => {
    const words = wordsOfSearch(search);
    const found = rows.filter((row) => matches(keyOf(row), words));
    table.setRows(found, rows.length === 0 ? `${name} hosts no variant of this environment.`
      : 'No variant is like that.');
    tally.textContent = shownOf(found.length, rows.length, 'variant');
  };
  replace(box, heading({ title: name, crumbs: [['Workers', href('workers')]],
    beside: h('span', { class: 'quiet' }, 'worker'), actions }), panel('Facts', about),
  panel('Hosted variants', h('div', { class: 'toolbar' },
    searchField('Find variants', search, debounced(typingPause, (text) => {
      search = text;
      noteInPlace({ q: text });
      filter();
    })), tally), table.element));
  let duty = null;
  const ask = visit.every(interval, async () => {
    const { workers: all } = await get('/varia/workers', {}, visit);
    const found = all.find((each) => each.worker === name);
    replace(about, aboutWorker(found));
    if (duty !== found?.duty) replace(actions, found && dutyButtons(found, () => ask(), ''));
    duty = found?.duty;
  });
  visit.every(hostedInterval, async () => {
    const { variants } = await get('/varia/variants', {}, visit);
    rows = variants.filter((row) => row.worker === name);
    filter();
  });
}

function aboutWorker(found) {
  if (!found) return h('p', { class: 'empty' }, 'No worker of that name has joined.');
  return facts([
    ['Duty', badge(dutyOf(found))], ['Address', found.address], ['Labels', labelsOf(found.labels)],
    ['Variants, of all environments', count(found.variants)], ['Slots in use', loadOf(found)],
    ['Busy in the last minute', percent(found.busy_permille / 1000)],
    ['Runs that wait for a slot', count(found.queued)],
    ['Longest wait now', duration(found.longest_wait_ms)],
    ['Wait for a slot, 99 %', duration(found.wait_p99_ms)],
  ]);
}

const keyOf = (row) => wordsOf(row).join(' ');

function hostedTable() {
  return new Table({
    label: 'Hosted variants', keyOf, empty: 'Loading …', sort: { key: 'state', descending: false },
    columns: [
      { key: 'variant', title: 'Variant', value: (row) => row.variant, cell: (row) => [
        h('a', { href: variantHref(row) }, row.variant),
        h('span', { class: 'sub' }, `${row.sync} · ${row.connection_id}`)] },
      { key: 'sync', title: 'Sync', hide: 's', value: (row) => row.sync,
        cell: (row) => h('a', { href: syncHref(row), tabIndex: -1 }, row.sync) },
      { key: 'connection', title: 'Connection', hide: 'm', value: (row) => row.connection_id,
        cell: (row) => row.connection_id },
      { key: 'state', title: 'State', width: 118, cell: (row) => badge(stateOf(row)),
        value: (row) => variantStates.indexOf(stateOf(row)) },
      { key: 'records', title: 'Records', width: 92, numeric: true, hide: 's',
        value: (row) => row.records, cell: (row) => compact(row.records) },
    ],
  });
}
