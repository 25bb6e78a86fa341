// How a variant is set: its schedule, what its script reads, and what runs next.

import { change, get, may } from '../api.mjs';
import { confirm, note } from '../dialogs.mjs';
import { h, replace } from '../dom.mjs';
import { count, pretty, stamp } from '../format.mjs';
import { moment } from '../moments.mjs';
import { button, facts, jsonBox, panelWith } from '../parts.mjs';

const runsShown = 10;

/** A schedule in a few words. */
export function scheduleText(schedule) {
  if (!schedule) return 'by hand only';
  const time = schedule.cron ? `cron ${schedule.cron} (${schedule.time_zone ?? 'UTC'})`
    : schedule.every ?? '';
  return time || 'by hand only';
}

export class VariantSettings {
  #visit;
  #named;
  #ask;
  #settings = h('div');
  #schedule = h('div');
  #next = h('div');
  #known = null;

  constructor(visit, named, ask) {
    this.#visit = visit;
    this.#named = named;
    this.#ask = ask;
    const mayChange = may('environment:syncs:update');
    this.element = h('div', { class: 'columns even' },
      h('div', { class: 'stack' },
        panelWith('Settings that the script reads', mayChange
          && button('Change', () => this.#changeSettings(), { kind: 'small' }), this.#settings),
        panelWith('Schedule', mayChange
          && button('Change the frequency', () => this.#changeFrequency(), { kind: 'small' }),
        this.#schedule)),
      panelWith('Next runs', null, this.#next));
    this.#readSchedule();
  }

  show(known) {
    if (JSON.stringify(this.#known?.settings) !== JSON.stringify(known.settings) || !this.#known) {
      replace(this.#settings, known.settings ? jsonBox(known.settings, 'Settings')
        : h('p', { class: 'empty' }, 'None.'));
    }
    this.#known = known;
  }

  #readSchedule() {
    this.#visit.fill(this.#schedule, () => get('/varia/variants/schedule', this.#named,
      this.#visit), scheduleFacts);
    this.#visit.fill(this.#next, () => get('/varia/variants/schedule/preview',
      { ...this.#named, count: runsShown }, this.#visit), nextRuns);
  }

  async #changeSettings() {
    const field = h('textarea', { class: 'field code', name: 'settings', rows: 10,
      spellcheck: 'false', 'data-first': true });
    field.value = this.#known?.settings ? pretty(this.#known.settings) : '';
    const isDone = await confirm({
      title: 'Change the settings', action: 'Save',
      text: 'An object of JSON that the script reads with getVariantSettings; empty for none.',
      fields: [h('label', { class: 'labelled' }, h('span', {}, 'Settings'), field)],
      act: (form) => change('PATCH', '/varia/variants/settings',
        { ...this.#named, settings: parsedSettings(form.get('settings')) }),
    });
    if (!isDone) return;
    note('The settings were changed');
    this.#ask();
  }

  async #changeFrequency() {
    const field = h('input', { class: 'field', name: 'frequency', 'data-first': true,
      placeholder: 'every 5m', autocomplete: 'off' });
    const isDone = await confirm({
      title: 'Change the frequency', action: 'Save',
      text: 'Such as “every 5m” or “2 hours”; empty for the one of the function.',
      fields: [h('label', { class: 'labelled' }, h('span', {}, 'Frequency'), field)],
      act: (form) => change('PUT', '/sync/update-connection-frequency', {
        sync_name: this.#named.name, sync_variant: this.#named.variant,
        provider_config_key: this.#named.provider_config_key,
        connection_id: this.#named.connection_id, frequency: form.get('frequency').trim() || null,
      }),
    });
    if (!isDone) return;
    note('The frequency was changed');
    this.#readSchedule();
    this.#ask();
  }
}

function parsedSettings(text) {
  if (text.trim() === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('That is no JSON.');
  }
}

function scheduleFacts(answer) {
  const effect = answer.in_effect ?? {};
  return [facts([
    ['In effect', scheduleText(effect)],
    ['Of its own', answer.schedule ? scheduleText(answer.schedule) : 'none'],
    ['Frequency override', answer.frequency ?? 'none'],
    ['Of the function', answer.function ? scheduleText(answer.function) : 'none'],
    ['Paused', answer.paused ? answer.pause_reason ?? 'yes' : 'no'],
    ['Failures in a row', count(answer.failures_in_a_row)],
    answer.retry_at && ['Retry', moment(answer.retry_at)],
  ]), h('details', {}, h('summary', {}, 'All rules'), jsonBox(effect, 'Rules in effect'))];
}

function nextRuns({ time_zone: zone, runs }) {
  if (runs.length === 0) return h('p', { class: 'empty' }, 'None: it runs by hand only.');
  return [h('p', { class: 'quiet' }, `Clocks of ${zone}`), h('ol', { class: 'moments' },
    runs.map(({ at, local }) => h('li', {}, h('span', { title: stamp(Date.parse(at)) },
      local ?? stamp(Date.parse(at))), moment(at))))];
}
