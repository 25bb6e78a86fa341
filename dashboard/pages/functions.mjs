// What is deployed: all functions, and one with its versions.

import { change, get, may } from '../api.mjs';
import { confirm, note } from '../dialogs.mjs';
import { debounced, h, replace } from '../dom.mjs';
import { moment } from '../moments.mjs';
import { button, facts, heading, panel, searchField } from '../parts.mjs';
import { href, noteInPlace } from '../router.mjs';
import { badge } from '../states.mjs';
import { Table, actionsHead, plainTable, shownOf } from '../table.mjs';
import { matches, wordsOfSearch } from '../table_order.mjs';

const interval = 15_000;
const typingPause = 120;
const shaShown = 12;

/** Shows all functions. */
export function functions(visit, box) {
  let rows = [];
  let search = visit.query.q ?? '';
  const tally = h('p', { class: 'tally' });
  const table = functionTable();
  visit.onLeave(() => table.dispose());
  const filter = () => {
    const words = wordsOfSearch(search);
    const found = rows.filter((row) => matches(`${keyOf(row)} ${row.models.join(' ')}`, words));
    table.setRows(found, rows.length === 0 ? 'Nothing is deployed yet: varia deploy my-project'
      : 'No function is like that.');
    tally.textContent = shownOf(found.length, rows.length, 'function');
  };
  replace(box, heading({ title: 'Functions' }), h('div', { class: 'toolbar' },
    searchField('Find functions', search, debounced(typingPause, (text) => {
      search = text;
      noteInPlace({ q: text });
      filter();
    })), tally), table.element);
  visit.every(interval, async () => {
    rows = (await get('/varia/functions', {}, visit)).functions;
    filter();
  });
}

const keyOf = (row) => `${row.provider_config_key} ${row.type} ${row.name}`;

function hrefOf(row) {
  return href('function', row.provider_config_key, row.type, row.name);
}

function functionTable() {
  return new Table({
    label: 'Functions', keyOf, empty: 'Loading …', sort: { key: 'name', descending: false },
    columns: [
      { key: 'name', title: 'Function', value: (row) => row.name, cell: (row) => [
        h('a', { href: hrefOf(row) }, row.name),
        h('span', { class: 'sub' }, `${row.provider_config_key} · ${row.type}`)] },
      { key: 'integration', title: 'Integration', hide: 's',
        value: (row) => row.provider_config_key, cell: (row) => row.provider_config_key },
      { key: 'type', title: 'Type', width: 96, hide: 's', value: (row) => row.type,
        cell: (row) => row.type },
      { key: 'version', title: 'Version', width: 96, value: (row) => row.version,
        cell: (row) => row.version },
      { key: 'frequency', title: 'Frequency', width: 130, hide: 'm',
        value: (row) => row.frequency || null, cell: (row) => row.frequency || '–' },
      { key: 'models', title: 'Models', hide: 'm', cell: (row) => row.models.join(', ') || '–' },
      { key: 'deployed', title: 'Deployed', width: 110, numeric: true,
        value: (row) => Date.parse(row.deployed_at), cell: (row) => moment(row.deployed_at) },
    ],
  });
}

/** Shows a function: what it is, its versions, and its source if that was deployed along. */
export function functionPage(visit, box) {
  const [, key, type, name] = visit.parts;
  const about = h('div');
  const versions = h('div');
  const source = h('div');
  const path = `/integrations/${encodeURIComponent(key)}/functions/${encodeURIComponent(name)}`;
  replace(box, heading({ title: name, crumbs: [['Functions', href('functions')]],
    beside: h('span', { class: 'quiet' }, type), lead: `Integration ${key}` }),
  panel('Facts', about), panel('Versions', versions), panel('Source', source));

  const showVersions = () => visit.fill(versions, () => get('/varia/functions/versions',
    { provider_config_key: key, name, type }, visit), (answer) => versionsTable(answer.versions,
    (version) => rollBack({ provider_config_key: key, name, type, version }, showVersions)));
  showVersions();
  visit.fill(about, () => get(path, { type }, visit), ({ data }) => facts([
    ['Description', data.description], ['Version', data.version],
    ['Frequency', data.frequency ?? data.runs], ['Models', modelsOf(data)],
    ['Begins by itself', 'auto_start' in data ? (data.auto_start ? 'yes' : 'no') : null],
  ].filter(([, value]) => value !== null && value !== undefined)));
  visit.fill(source, () => get(`${path}/code`, { type }, visit).catch(withoutSource),
    (answer) => answer?.code ? h('pre', { class: 'code', tabIndex: 0, role: 'group',
      'aria-label': 'Source' }, answer.code)
      : h('p', { class: 'empty' }, 'It was deployed without its source.'));
}

function modelsOf(data) {
  return (data.models ?? data.returns ?? []).map((model) => model.name ?? model).join(', ') || null;
}

function withoutSource(error) {
  if (error.status === 404) return null;
  throw error;
}

function versionsTable(versions, act) {
  const mayRollBack = may('environment:deploy');
  return plainTable('Versions', ['Version', 'Use', { title: 'Deployed', numeric: true },
    { title: 'Hash', hide: 's' }, { title: 'SDK', hide: 'm' }, actionsHead,
  ], versions.map((each) => [
    each.version, each.current ? badge('active', 'Current') : 'former', moment(each.deployed_at),
    h('code', { title: each.sha }, (each.sha ?? '').slice(0, shaShown)), each.sdk_version ?? '–',
    each.current || !mayRollBack ? '' : button('Roll back', () => act(each.version),
      { kind: 'small' })]), 'No version is kept.');
}

async function rollBack(wanted, again) {
  await confirm({
    title: 'Roll back', action: 'Roll back', danger: true,
    text: `Version ${wanted.version} of ${wanted.name} becomes the current one. Runs that have `
      + 'begun end as they are.',
    act: () => change('POST', '/varia/functions/rollback', wanted),
  }) && (note(`${wanted.name} is version ${wanted.version} now`), again());
}
