// A sync: each of its variants as a row of its own, or all of them as a map.

import { get, may } from '../api.mjs';
import { debounced, h, replace, say } from '../dom.mjs';
import { pause, start, trigger } from '../commands.mjs';
import { count } from '../format.mjs';
import { button, chips, heading, searchField, tabs } from '../parts.mjs';
import { connectionHref, href, noteInPlace, syncHref } from '../router.mjs';
import { countStates, mark, stateOf, titleOf, variantStates } from '../states.mjs';
import { shownOf } from '../table.mjs';
import { matches, wordsOfSearch } from '../table_order.mjs';
import { PartitionMap } from './partition_map.mjs';
import { variantTable } from './variant_table.mjs';

const recentRuns = 20;
const interval = 30_000;
const typingPause = 120;
// Rows that change come one by one; sorting thousands of them for each would keep the page busy.
const settleFor = 500;

/** Shows a sync, as a table or as a map. */
export function sync(visit, box) {
  const [, key, connection, name, part] = visit.parts;
  const subject = { provider_config_key: key, connection_id: connection, name };
  const rows = new Map();
  const view = part === 'map' ? new MapView(visit) : new ListView(visit);
  const actions = h('div', { class: 'actions' });
  replace(box, heading({
    title: name,
    crumbs: [['Connections', href('connections')],
      [`${key} · ${connection}`, connectionHref(subject)]],
    beside: h('span', { class: 'quiet' }, 'sync'), actions,
  }), tabs('Views of the sync', [
    ['Variants', syncHref({ ...subject, sync: name }), part !== 'map'],
    ['Partition map', syncHref({ ...subject, sync: name }, 'map'), part === 'map'],
  ]), view.element);

  const tell = debounced(settleFor, () => view.show([...rows.values()]));
  const ask = visit.every(interval, async () => {
    const query = { provider_config_key: key, connection_id: connection, sync: name };
    const answer = await get('/varia/variants', { ...query, recent: recentRuns }, visit);
    rows.clear();
    for (const row of answer.variants) rows.set(row.variant, row);
    view.show([...rows.values()]);
    replace(actions, actionsFor([...rows.values()], ask));
  });
  visit.follow(subject, {
    variants: ({ full, variants, gone }) => {
      if (full) rows.clear();
      for (const row of variants) rows.set(row.variant, row);
      for (const each of gone) rows.delete(each);
      tell();
    },
  });
}

function actionsFor(rows, ask) {
  if (!may('environment:syncs:execute') || rows.length === 0) return [];
  const act = (command) => async () => { if (await command(rows)) ask(); };
  return [button('Run all', act(trigger)), button('Pause all', act(pause)),
    button('Start all', act(start))];
}

// The table, with what is searched for and which state is wanted.
class ListView {
  #rows = [];
  #search;
  #state;
  #table;
  #chips;
  #tally = h('p', { class: 'tally' });
  #bar = h('div', { class: 'chosen-bar', role: 'region', 'aria-label': 'Chosen variants',
    hidden: true });

  constructor(visit) {
    this.#search = visit.query.q ?? '';
    this.#state = variantStates.includes(visit.query.state) ? visit.query.state : 'all';
    this.#table = variantTable(visit.query, (keys) => this.#showChosen(keys));
    visit.onLeave(() => this.#table.dispose());
    this.#chips = chips('Show', () => this.#choices(), this.#state, (state) => {
      this.#state = state;
      noteInPlace({ state: state === 'all' ? '' : state });
      this.#filter();
    });
    const field = searchField('Find variants', this.#search, debounced(typingPause, (text) => {
      this.#search = text;
      noteInPlace({ q: text });
      this.#filter();
    }));
    this.element = h('div', {}, h('div', { class: 'toolbar' }, field, this.#chips.element,
      this.#tally), this.#bar, this.#table.element);
  }

  show(rows) {
    this.#rows = rows;
    this.#chips.redraw();
    this.#filter(false);
  }

  #choices() {
    const counts = countStates(this.#rows);
    return [['all', `All `, h('span', { class: 'chip-count' }, count(this.#rows.length))],
      ...variantStates.map((state) => [state, mark(state), `${titleOf(state)} `,
        h('span', { class: 'chip-count' }, count(counts[state]))])];
  }

  #filter(isSaid = true) {
    const words = wordsOfSearch(this.#search);
    const found = this.#rows.filter((row) => this.#isWanted(row, words));
    this.#table.setRows(found, this.#rows.length === 0 ? 'This sync has no variants.'
      : 'No variant is like that.');
    this.#tally.textContent = shownOf(found.length, this.#rows.length, 'variant');
    if (isSaid) say(this.#tally.textContent);
  }

  #isWanted(row, words) {
    if (this.#state !== 'all' && stateOf(row) !== this.#state) return false;
    const error = row.last_error?.description ?? '';
    return words.length === 0 || matches(`${row.variant} ${row.worker ?? ''} ${error}`, words);
  }

  #showChosen(keys) {
    const rows = this.#rows.filter((row) => keys.has(row.variant));
    this.#bar.hidden = rows.length === 0 || !may('environment:syncs:execute');
    if (rows.length === 0) return;
    const act = (command) => async () => { if (await command(rows)) this.#table.clearChosen(); };
    replace(this.#bar, h('span', { role: 'status' }, `${count(rows.length)} chosen`),
      button('Run now', act(trigger), { kind: 'primary' }), button('Pause', act(pause)),
      button('Start', act(start)), button('Choose none', () => this.#table.clearChosen()));
  }
}

class MapView {
  #map;

  constructor(visit) {
    this.#map = new PartitionMap(visit);
    this.element = this.#map.element;
  }

  show(rows) {
    this.#map.show(rows);
  }
}
