// What people do to variants. Each command asks first, acts on all that were named or on none, and
// tells what was done.

import { change } from './api.mjs';
import { confirm, note, tick } from './dialogs.mjs';
import { plural } from './format.mjs';

const commandPath = { pause: '/sync/pause', start: '/sync/start', trigger: '/sync/trigger' };

function namesOf(rows) {
  return rows.length === 1 ? `${rows[0].sync}::${rows[0].variant}`
    : `${plural(rows.length, 'variant')} of ${rows[0].sync}`;
}

function send(command, rows, more = {}) {
  const { provider_config_key: key, connection_id: connection } = rows[0];
  return change('POST', commandPath[command], {
    syncs: rows.map(({ sync, variant }) => ({ name: sync, variant })),
    provider_config_key: key, connection_id: connection, ...more,
  });
}

/** Has variants of one sync run now; they may begin from nothing. Answers whether they were. */
export function trigger(rows) {
  return confirm({
    title: 'Run now', text: `Runs ${namesOf(rows)} now, whatever the schedule says.`,
    action: 'Run now',
    fields: [
      tick('reset', 'Forget the checkpoint', 'The run begins from the very first page.'),
      tick('empty', 'Empty the cache first', 'All records go, and the checkpoint with them.'),
    ],
    act: async (form) => {
      const reset = form.has('reset') || form.has('empty');
      const opts = reset ? { opts: { reset, emptyCache: form.has('empty') } } : {};
      await send('trigger', rows, opts);
      note(`${namesOf(rows)} will run`);
    },
  });
}

/** Pauses variants of one sync. */
export function pause(rows) {
  return confirm({
    title: 'Pause', action: 'Pause',
    text: `Pauses the schedule of ${namesOf(rows)}. What runs is cancelled; nothing saved is lost.`,
    act: async () => {
      await send('pause', rows);
      note(`${namesOf(rows)} paused`);
    },
  });
}

/** Starts the schedules of variants of one sync. */
export function start(rows) {
  return confirm({
    title: 'Start', text: `Starts the schedule of ${namesOf(rows)}.`, action: 'Start',
    act: async () => {
      await send('start', rows);
      note(`${namesOf(rows)} started`);
    },
  });
}

function namedBody(row) {
  return {
    provider_config_key: row.provider_config_key, connection_id: row.connection_id,
    name: row.sync, variant: row.variant,
  };
}

/** Cancels the run of a variant. */
export function cancel(row) {
  return confirm({
    title: 'Cancel the run', action: 'Cancel the run', danger: true,
    text: `The run of ${namesOf([row])} ends at its next call. What it saved stays, and its `
      + 'schedule goes on.',
    act: async () => {
      await change('POST', '/varia/variants/cancel', namedBody(row));
      note('The run was cancelled');
    },
  });
}

/** Deletes a variant; its name has to be typed. */
export function remove(row) {
  return confirm({
    title: 'Delete the variant', action: 'Delete', danger: true, word: row.variant,
    text: `Deletes ${namesOf([row])} with its records, checkpoint, runs and log. It can be brought `
      + 'back for a while.',
    act: async () => {
      const [sync, variant] = [row.sync, row.variant].map(encodeURIComponent);
      await change('DELETE', `/sync/${sync}/variant/${variant}`, {
        provider_config_key: row.provider_config_key, connection_id: row.connection_id,
      });
      note(`${row.variant} was deleted`);
    },
  });
}

/** Moves a variant to another worker, chosen from those that take variants. */
export function move(row, field) {
  return confirm({
    title: 'Move to another worker', action: 'Move', fields: [field],
    text: `${namesOf([row])} goes on there from where it is; nothing is lost or doubled.`,
    act: async (form) => {
      await change('POST', '/varia/variants/move',
        { ...namedBody(row), worker: form.get('worker') });
      note(`${row.variant} moves to ${form.get('worker')}`);
    },
  });
}
