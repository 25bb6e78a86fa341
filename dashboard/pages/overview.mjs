// The first page: the cluster, its workers, the syncs of the environment, and what failed last.

import { get, may } from '../api.mjs';
import { partsBar } from '../charts.mjs';
import { h, replace } from '../dom.mjs';
import { compact, count, duration, plural } from '../format.mjs';
import { moment } from '../moments.mjs';
import { heading, panel, panelWith, shortName, tile } from '../parts.mjs';
import { connectionHref, href, syncHref, variantHref } from '../router.mjs';
import { badge } from '../states.mjs';
import { plainTable, Table } from '../table.mjs';
import { dutyOf, loadOf } from './workers.mjs';

const interval = 30_000;
const doctorInterval = 60_000;

/** Shows the overview. */
export function overview(visit, box) {
  const tiles = h('div', { class: 'tiles' });
  const cluster = h('div');
  const failures = h('div');
  const doctor = h('div');
  const syncs = syncTable();
  const more = h('p', { class: 'quiet', hidden: true });
  visit.onLeave(() => syncs.dispose());
  const { environment } = visit.session;
  replace(box, heading({ title: 'Overview', lead: environment && `Environment ${environment}` }),
    tiles, h('div', { class: 'columns' }, panel('Syncs', syncs.element, more),
      h('div', { class: 'stack' }, cluster, doctor, failures)));

  const show = (value) => {
    replace(tiles, tilesOf(value));
    replace(cluster, value.cluster && clusterPanel(value));
    replace(failures, failuresPanel(value.failures));
    syncs.setRows(value.syncs);
    more.hidden = !value.truncated;
    more.textContent = `Only the first ${count(value.syncs.length)} syncs are shown.`;
  };
  visit.every(interval, async () => show(await get('/varia/overview', {}, visit)));
  visit.every(doctorInterval, async () => {
    replace(doctor, doctorPanel(await get('/varia/doctor', {}, visit)));
  });
  visit.follow({ syncs: true }, { status: show });
}

function tilesOf({ variants, lag, syncs }) {
  const records = syncs.reduce((sum, each) => sum + (each.records ?? 0), 0);
  return [
    tile('Variants', count(variants.total), { detail: plural(syncs.length, 'sync') }),
    tile('Running', count(variants.running), { tone: variants.running ? 'tone-run' : null }),
    tile('Failing', count(variants.failing), { tone: variants.failing ? 'tone-bad' : null }),
    tile('Paused', count(variants.paused)),
    tile('Late', count(lag.late), {
      tone: lag.late ? 'tone-warn' : null,
      detail: lag.late ? `the latest by ${duration(lag.latest_ms)}` : 'nothing is overdue',
    }),
    tile('Records', compact(records), { detail: 'live' }),
  ];
}

function clusterPanel({ cluster, workers, variants }) {
  const redis = cluster.redis === 'ok' ? badge('ok', 'Redis answers') : badge('failing', 'Redis');
  const line = h('p', { class: 'line' }, redis,
    h('span', { title: cluster.leader }, 'led by ',
      h('strong', {}, shortName(cluster.leader) || 'nobody')),
    h('span', { class: 'quiet' }, `epoch ${cluster.epoch}`),
    Number.isFinite(cluster.coordinators)
      && h('span', { class: 'quiet' }, plural(cluster.coordinators, 'coordinator')),
    variants.unplaced > 0 && badge('deferred', `${count(variants.unplaced)} not placed`));
  const link = may('account:cluster:read') && h('a', { href: href('workers') }, 'All workers');
  return panelWith('Cluster', link, line, plainTable('Workers',
    ['Worker', { title: 'Variants', numeric: true }, { title: 'Slots in use' }],
    workers.map((each) => [nameOf(each), compact(each.variants), loadOf(each)]),
    'No worker has joined yet.'));
}

function nameOf(worker) {
  const name = may('account:cluster:read')
    ? h('a', { href: href('worker', worker.worker) }, worker.worker) : worker.worker;
  const duty = dutyOf(worker);
  return duty === 'active' ? name : [name, ' ', badge(duty)];
}

// What is well is not worth a line.
function doctorPanel({ checks }) {
  const found = checks.filter(({ verdict }) => verdict !== 'ok');
  const rest = h('p', { class: 'quiet' },
    `${plural(checks.length - found.length, 'check')} found nothing wrong.`);
  return panel('Doctor', found.length > 0 && h('ul', { class: 'findings' },
    found.map(({ check, verdict, text, advice }) => h('li', {}, badge(verdict, check),
      h('p', {}, text), advice && h('p', { class: 'quiet' }, advice)))), rest);
}

function failuresPanel(failures) {
  if (failures.length === 0) {
    return panel('Last failures', h('p', { class: 'empty' }, 'No run has failed of late.'));
  }
  return panel('Last failures', h('ul', { class: 'failures' }, failures.map((each) => h('li', {},
    h('div', { class: 'failure-head' },
      h('a', { href: variantHref(each) }, `${each.sync ?? each.name} · ${each.variant}`),
      moment(each.at)),
    h('p', { class: 'failure-text' }, errorText(each.error))))));
}

/** What an error of a run says, in a line. */
export function errorText(error) {
  if (!error) return 'no reason was given';
  return typeof error === 'string' ? error : error.description ?? error.message ?? error.type;
}

function syncTable() {
  return new Table({
    label: 'Syncs',
    empty: 'No sync runs here yet: deploy a function and import a connection.',
    keyOf: (row) => [row.provider_config_key, row.connection_id, row.sync].join('\n'),
    sort: { key: 'failing', descending: true },
    columns: [
      { key: 'sync', title: 'Sync', value: (row) => row.sync, cell: syncCell },
      { key: 'connection', title: 'Connection', hide: 's', value: (row) => row.connection_id,
        cell: (row) => h('a', { href: connectionHref(row), tabIndex: -1 }, row.connection_id) },
      { key: 'variants', title: 'Variants', numeric: true, width: 84, hide: 's',
        value: (row) => row.variants, cell: (row) => count(row.variants) },
      { key: 'failing', title: 'State', width: 150, value: urgencyOf, greatestFirst: true,
        cell: stateBar },
      { key: 'records', title: 'Records', numeric: true, width: 92, hide: 's',
        value: (row) => row.records, cell: (row) => compact(row.records) },
      { key: 'success', title: 'Last success', width: 110, hide: 'm',
        value: (row) => Date.parse(row.last_success_at ?? ''),
        cell: (row) => moment(row.last_success_at, 'never') },
    ],
  });
}

function syncCell(row) {
  return [h('a', { href: syncHref(row) }, row.sync),
    h('span', { class: 'sub' }, `${row.provider_config_key} · ${row.connection_id}`)];
}

function urgencyOf(row) {
  return row.failing * 1e6 + row.running;
}

function stateBar(row) {
  const rest = row.variants - row.failing - row.running - row.paused;
  return partsBar([
    { state: 'failing', value: row.failing }, { state: 'running', value: row.running },
    { state: 'paused', value: row.paused }, { state: 'ok', value: Math.max(rest, 0) },
  ], row.sync);
}

