// Webhooks to the application: where they go, those that were given up, and the last tries.

import { change, get, may } from '../api.mjs';
import { confirm, note } from '../dialogs.mjs';
import { h, replace } from '../dom.mjs';
import { bytes, count, duration, plural } from '../format.mjs';
import { moment } from '../moments.mjs';
import { button, facts, heading, panel, tabs, tile } from '../parts.mjs';
import { href, noteInPlace } from '../router.mjs';
import { badge } from '../states.mjs';
import { Table } from '../table.mjs';

const interval = 5000;
const settingsInterval = 60_000;
const pageSize = 200;
const switches = {
  on_sync_completion_always: 'all successful runs', on_sync_error: 'runs that failed',
  on_auth_creation: 'new connections', on_auth_refresh_error: 'credentials that were refused',
  on_async_action_completion: 'queued actions', on_variant_change: 'changes of variants',
};

/** Shows the dead letters, or the last deliveries. */
export function webhooks(visit, box) {
  const part = visit.parts[1] === 'deliveries' ? 'deliveries' : 'dead';
  const tiles = h('div', { class: 'tiles' });
  const settings = h('div');
  const content = h('div');
  replace(box, heading({ title: 'Webhooks' }), tiles, tabs('Webhooks', [
    ['Dead letters', href('webhooks'), part === 'dead'],
    ['Last deliveries', href('webhooks', 'deliveries'), part === 'deliveries'],
  ]), content, panel('What is told, and where', settings));
  visit.every(settingsInterval, () => visit.fill(settings,
    () => get('/varia/webhooks/settings', {}, visit), settingsFacts));
  if (part === 'dead') showDead(visit, content, tiles);
  else showDeliveries(visit, content, tiles);
}

function settingsFacts(settings) {
  const told = Object.keys(switches).filter((name) => settings[name]);
  return facts([
    ['First URL', settings.primary_url], ['Second URL', settings.secondary_url],
    ['Told of', told.map((name) => switches[name]).join(', ') || 'nothing'],
  ]);
}

function tilesOf({ waiting, waiting_bytes: waitingBytes, dead, dropped }) {
  return [
    tile('Waiting', count(waiting), { detail: bytes(waitingBytes) }),
    tile('Dead letters', count(dead), { tone: dead > 0 ? 'tone-bad' : null,
      detail: dead > 0 ? 'can be sent again' : 'all arrived' }),
    tile('Dropped', count(dropped), { tone: dropped > 0 ? 'tone-warn' : null,
      detail: 'for want of room' }),
  ];
}

function showDead(visit, content, tiles) {
  const letters = new Map();
  const bar = h('div', { class: 'toolbar' });
  const chosenBar = h('div', { class: 'chosen-bar', hidden: true });
  const older = button('Older letters', () => readOlder(), { disabled: true });
  const table = deadTable((keys) => showChosen(keys));
  visit.onLeave(() => table.dispose());
  const mayResend = may('environment:webhooks:write');
  replace(content, bar, chosenBar, table.element, h('div', { class: 'pager' }, older));

  const take = (answer) => {
    for (const letter of answer.letters) letters.set(letter.id, letter);
    table.setRows([...letters.values()].sort((a, b) => (a.id < b.id ? 1 : -1)));
  };
  const read = (before) => get('/varia/webhooks/dead', { limit: pageSize, before }, visit);
  const ask = visit.every(interval, async () => {
    const answer = await read();
    replace(tiles, tilesOf(answer));
    if (answer.letters.length < pageSize) letters.clear();
    take(answer);
    older.disabled = letters.size >= answer.dead || answer.letters.length < pageSize;
    replace(bar, mayResend && answer.dead > 0
      && button('Send all again', () => resendAll(answer.dead, again)));
  });
  const readOlder = async () => {
    const answer = await read([...letters.keys()].sort()[0]);
    take(answer);
    older.disabled = answer.letters.length < pageSize;
  };
  const again = () => {
    letters.clear();
    table.clearChosen();
    ask();
  };
  const showChosen = (keys) => {
    chosenBar.hidden = keys.size === 0 || !mayResend;
    replace(chosenBar, h('span', { role: 'status' }, `${count(keys.size)} chosen`),
      button('Send again', () => resend([...keys], again), { kind: 'primary' }),
      button('Choose none', () => table.clearChosen()));
  };
}

async function resendAll(dead, again) {
  await confirm({
    title: 'Send all again', action: 'Send again', text: `The newest ${plural(Math.min(dead, 1000),
      'dead letter')} are sent again, oldest first.`,
    act: async () => noteSent(await change('POST', '/varia/webhooks/resend', { id: 'all' })),
  }) && again();
}

async function resend(ids, again) {
  await confirm({
    title: 'Send again', text: `${plural(ids.length, 'dead letter')} are sent again.`,
    action: 'Send again',
    act: async () => noteSent(await change('POST', '/varia/webhooks/resend', { ids })),
  }) && again();
}

function noteSent({ sent }) {
  note(`${plural(sent, 'letter')} on the way again`);
}

function aboutOf(row) {
  return [row.sync, row.variant, row.model].filter(Boolean).join(' · ')
    || row.connection_id || row.connectionId || '';
}

function deadTable(onChosen) {
  return new Table({
    label: 'Dead letters', keyOf: (row) => row.id, onChosen,
    empty: 'No dead letters: whatever was sent has arrived, or is being tried.',
    columns: [
      { key: 'event', title: 'Event', value: (row) => row.type, cell: (row) => [
        h('a', { href: `${href('webhooks', 'deliveries')}?event=${encodeURIComponent(row.event)}`,
          title: row.event }, row.type ?? 'event'), h('span', { class: 'sub' }, aboutOf(row))] },
      { key: 'about', title: 'About', hide: 's', value: aboutOf, cell: aboutOf },
      { key: 'why', title: 'Why', value: (row) => row.why,
        cell: (row) => h('span', { title: row.why }, row.why) },
      { key: 'url', title: 'URL', hide: 'm', value: (row) => row.url,
        cell: (row) => h('span', { title: row.url }, row.url) },
      { key: 'tries', title: 'Tries', width: 72, numeric: true, value: (row) => row.tries,
        cell: (row) => count(row.tries) },
      { key: 'at', title: 'Given up', width: 104, numeric: true, hide: 's',
        value: (row) => Date.parse(row.at), cell: (row) => moment(row.at) },
    ],
  });
}

function showDeliveries(visit, content, tiles) {
  const { event } = visit.query;
  const table = deliveryTable();
  visit.onLeave(() => table.dispose());
  replace(content, event && h('p', { class: 'notice' }, `Tries of the event ${event}. `,
    h('a', { href: href('webhooks', 'deliveries'), onclick: () => noteInPlace({ event: '' }) },
      'Show all')), table.element);
  visit.every(interval, async () => {
    const [{ deliveries }, counts] = await Promise.all([
      get('/varia/webhooks/deliveries', { limit: pageSize, event }, visit),
      get('/varia/webhooks/dead', { limit: 1 }, visit)]);
    replace(tiles, tilesOf(counts));
    table.setRows(deliveries);
  });
}

function deliveryTable() {
  return new Table({
    label: 'Deliveries', keyOf: (row) => `${row.event} ${row.attempt} ${row.url} ${row.at}`,
    empty: 'Nothing was delivered yet.',
    columns: [
      { key: 'type', title: 'Event', value: (row) => row.type, cell: (row) => [
        h('a', { href: `${href('webhooks', 'deliveries')}?event=${encodeURIComponent(row.event)}`,
          title: row.event }, row.type ?? 'event'), h('span', { class: 'sub' }, aboutOf(row))] },
      { key: 'about', title: 'About', hide: 's', value: aboutOf, cell: aboutOf },
      { key: 'outcome', title: 'Outcome', width: 118, value: (row) => row.outcome,
        cell: (row) => badge(row.outcome) },
      { key: 'status', title: 'Answer', width: 150, hide: 's', value: (row) => row.status,
        cell: (row) => h('span', { title: row.failure ?? '' }, row.failure ?? row.status) },
      { key: 'host', title: 'Host', hide: 'm', value: (row) => row.host ?? row.url,
        cell: (row) => row.host ?? row.url },
      { key: 'attempt', title: 'Try', width: 64, numeric: true, hide: 's',
        value: (row) => row.attempt, cell: (row) => count(row.attempt) },
      { key: 'ms', title: 'Took', width: 84, numeric: true, hide: 's', value: (row) => row.ms,
        cell: (row) => duration(row.ms) },
      { key: 'at', title: 'When', width: 84, numeric: true, value: (row) => Date.parse(row.at),
        cell: (row) => moment(row.at) },
    ],
  });
}
