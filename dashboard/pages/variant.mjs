// A variant: how it stands and why, what it did, what it logged, what it holds, how it is set.

import { get, may } from '../api.mjs';
import { cancel, move, pause, remove, start, trigger } from '../commands.mjs';
import { debounced, h, replace } from '../dom.mjs';
import { noteFailure } from '../dialogs.mjs';
import { button, heading, select, tabs } from '../parts.mjs';
import { connectionHref, href, syncHref, variantHref } from '../router.mjs';
import { badge, stateOf } from '../states.mjs';
import { VariantLog } from './variant_log.mjs';
import { VariantOverview } from './variant_overview.mjs';
import { VariantRecords } from './variant_records.mjs';
import { VariantRuns } from './variant_runs.mjs';
import { VariantSettings } from './variant_settings.mjs';

const interval = 5000;
const soon = 250;
const parts = {
  '': ['Overview', VariantOverview], runs: ['Runs', VariantRuns], log: ['Log', VariantLog],
  records: ['Records', VariantRecords], settings: ['Settings', VariantSettings],
};

/** Shows a variant, or a part of what is known of it. */
export function variant(visit, box) {
  const [, key, connection, sync, name, part = ''] = visit.parts;
  const named = { provider_config_key: key, connection_id: connection, name: sync, variant: name };
  const row = { ...named, sync };
  const state = h('span');
  const actions = h('div', { class: 'actions' });
  const content = h('div');
  const Part = (parts[part] ?? parts[''])[1];
  const shown = new Part(visit, named, () => ask());
  replace(box, heading({
    title: name,
    crumbs: [['Connections', href('connections')], [`${key} · ${connection}`, connectionHref(row)],
      [sync, syncHref(row)]],
    beside: state, actions,
  }), tabs('Parts of the variant', Object.entries(parts).map(([each, [title]]) => [
    title, variantHref(row, ...(each === '' ? [] : [each])), each === part])), content);

  const show = async (facts) => {
    const now = stateOf({ ...facts, last_outcome: facts.last_run });
    if (state.dataset.state !== now) {
      state.dataset.state = now;
      replace(state, badge(now));
      replace(actions, actionsFor(row, now, facts, () => ask()));
    }
    if (!content.hasChildNodes()) replace(content, shown.element);
    await shown.show(facts);
  };
  const ask = visit.every(interval, async () => {
    try {
      await show(await get('/varia/variants/show', named, visit));
    } catch (error) {
      if (error.status !== 404) throw error;
      replace(content, h('p', { class: 'empty' }, 'There is no such variant.'));
    }
  });
  // Whoever may not read logs can follow the sync, of which this is one.
  const { variant: own, ...ofSync } = named;
  visit.follow(may('environment:logs:read') ? named : ofSync, {
    variants: ({ variants }) => {
      const mine = variants.find((each) => each.variant === own);
      if (!mine) return;
      shown.row?.(mine);
      again();
    },
    log: (event) => shown.log?.(event),
    state: (stream) => shown.stream?.(stream),
  });
  const again = debounced(soon, () => ask());
}

function actionsFor(row, state, facts, ask) {
  if (!may('environment:syncs:execute')) return [];
  const act = (command) => async () => { if (await command([row])) ask(); };
  const one = (command) => async () => { if (await command(row)) ask(); };
  return [
    button('Run now', act(trigger), { kind: 'primary' }),
    state === 'running' && button('Cancel run', one(cancel)),
    facts.paused ? button('Start', act(start)) : button('Pause', act(pause)),
    may('account:cluster:write') && button('Move', () => chooseWorker(row, facts, ask)),
    row.variant !== 'base' && may('environment:syncs:variant:delete')
      && button('Delete', async () => {
        if (await remove(row)) location.hash = syncHref(row);
      }, { kind: 'danger' }),
  ];
}

async function chooseWorker(row, facts, ask) {
  try {
    const { workers } = await get('/varia/workers');
    const others = workers.filter(({ worker, duty, alive }) => alive !== false && duty === 'active'
      && worker !== facts.placement?.worker).map(({ worker }) => [worker, worker]);
    if (others.length === 0) throw new Error('No other worker takes variants.');
    const field = select('Worker', others, others[0][0], () => {});
    field.querySelector('select').name = 'worker';
    if (await move(row, field)) ask();
  } catch (error) {
    noteFailure(error);
  }
}
