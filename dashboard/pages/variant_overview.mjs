// How a variant stands, and why, in words and numbers.

import { get } from '../api.mjs';
import { runBars } from '../charts.mjs';
import { h, replace, setStyle } from '../dom.mjs';
import { bytes, count, duration, percent, plural } from '../format.mjs';
import { moment } from '../moments.mjs';
import { facts, jsonBox, panel, panelWith, tile } from '../parts.mjs';
import { badge } from '../states.mjs';
import { errorText } from './overview.mjs';
import { scheduleText } from './variant_settings.mjs';
import { changes } from './variant_table.mjs';

const whyAgainAfter = 4000;

export class VariantOverview {
  #visit;
  #named;
  #why = h('ul', { class: 'why' });
  #whyAt = 0;
  #progress = h('div');
  #last = h('div');
  #facts = h('div');
  #recent = h('div');
  #checkpoint = h('div');
  #checkpointShown = '';

  constructor(visit, named) {
    this.#visit = visit;
    this.#named = named;
    this.element = h('div', { class: 'columns' },
      h('div', { class: 'stack' }, panel('Why', this.#why), this.#progress, this.#recent,
        this.#last),
      h('div', { class: 'stack' }, panel('Facts', this.#facts),
        panel('Checkpoint', this.#checkpoint)));
  }

  /** Takes a row of the variant, as it comes live: what it is at, and its recent runs. */
  row(row) {
    replace(this.#progress, row.progress ? progressPanel(row) : null);
    if (!row.recent) return;
    replace(this.#recent, panel('Recent runs', h('div', { class: 'big-bars' },
      runBars(row.recent)), recentFacts(row)));
  }

  /** Shows what is known of the variant. */
  show(known) {
    replace(this.#facts, factsOf(known));
    replace(this.#last, lastRunPanel(known.last_run));
    const text = JSON.stringify(known.checkpoint ?? null);
    if (text !== this.#checkpointShown) {
      this.#checkpointShown = text;
      replace(this.#checkpoint, known.checkpoint ? jsonBox(known.checkpoint, 'Checkpoint')
        : h('p', { class: 'empty' }, 'None: a run begins at the first page.'));
    }
    if (Date.now() - this.#whyAt > whyAgainAfter) this.#explain();
  }

  async #explain() {
    this.#whyAt = Date.now();
    try {
      const { sentences } = await get('/varia/variants/why', this.#named, this.#visit);
      const lines = sentences.map((each) => h('li', {}, each));
      const before = [...this.#why.children].map((each) => each.textContent).join('\n');
      if (before !== sentences.join('\n')) replace(this.#why, lines);
    } catch (error) {
      if (!this.#visit.signal.aborted) replace(this.#why, h('li', {}, error.message));
    }
  }
}

function recentFacts({ recent, records, bytes: size }) {
  const failed = recent.filter(({ outcome }) => outcome === 'failed').length;
  const times = recent.map((run) => run.duration_ms).filter(Number.isFinite).sort((a, b) => a - b);
  return facts([
    ['Runs shown', count(recent.length)], ['Failed', count(failed)],
    ['Median duration', duration(times[Math.floor(times.length / 2)])],
    ['Records', count(records)],
    Number.isFinite(size) && ['Size', bytes(size)],
  ]);
}

function factsOf(known) {
  const placement = known.placement;
  return facts([
    ['Schedule', scheduleText(known.schedule)],
    ['Next run', known.retry_at ? [moment(known.retry_at), ' (retry)'] : moment(known.next_run)],
    ['Worker', placement ? [placement.worker, placement.duty && placement.duty !== 'active'
      ? [' ', badge(placement.duty)] : null] : h('span', { class: 'quiet' }, 'not placed')],
    ['Function', known.function ? `version ${known.function}` : 'is gone'],
    known.pause_reason && ['Paused because', known.pause_reason],
    known.failures_in_a_row > 0 && ['Failures in a row', count(known.failures_in_a_row)],
    ['Records', recordsText(known.records)],
    ['Made', [moment(known.created_at), known.discovered ? ' by the function' : '']],
    ['Id', h('code', {}, known.id)],
  ]);
}

function recordsText(records) {
  return Object.entries(records ?? {}).map(([model, value]) => `${count(value)} ${model}`)
    .join(', ') || 'none';
}

function lastRunPanel(run) {
  if (!run) return panel('Last run', h('p', { class: 'empty' }, 'It has never run.'));
  const took = run.finished_at ? Date.parse(run.finished_at) - Date.parse(run.started_at) : NaN;
  return panel('Last run', facts([
    ['Outcome', badge(run.outcome)], ['Run', `no. ${run.run}`], ['Began', moment(run.started_at)],
    run.finished_at && ['Took', duration(took)],
    ...Object.entries(run.result ?? {}).map(([model, counts]) => [model, changes(counts)]),
  ]), run.error && h('p', { class: 'refusal' }, errorText(run.error)));
}

// What a run that is under way has come to, and where its time goes.
function progressPanel({ progress: x }) {
  const whole = x.elapsed_ms + x.slot_wait_ms;
  const working = Math.max(x.elapsed_ms - x.budget_wait_ms, 0);
  const waits = x.waits_for === 'budget' && badge('deferred', 'Waits for the budget');
  return panelWith('This run', waits, h('div', { class: 'tiles small' },
    tile('Records saved', count(x.saved), { detail: plural(x.batches, 'batch', 'batches') }),
    tile('Records a second', count(x.records_per_s), { detail: `${count(x.unchanged)} the same` }),
    tile('Pages', count(x.pages), { detail: 'answers with content' }),
    tile('Requests', count(x.requests), { detail: `${count(x.failed_requests)} failed` })),
  h('div', { class: 'time-parts' }, timePart('Working', working, whole, 'run'),
    timePart('Waiting for the provider’s budget', x.budget_wait_ms, whole, 'warn'),
    timePart('Waiting for a slot, before', x.slot_wait_ms, whole, 'quiet')),
  h('p', { class: 'quiet' }, `Under way for ${duration(x.elapsed_ms)}.`));
}

function timePart(name, ms, whole, tone) {
  const part = whole > 0 ? ms / whole : 0;
  const filled = h('span', { class: `tone-${tone}` });
  setStyle(filled, { width: `${Math.min(part, 1) * 100}%` });
  return h('div', { class: 'time-part' }, h('span', {}, name),
    h('span', { class: 'meter-track', 'aria-hidden': 'true' }, filled),
    h('span', { class: 'meter-text' }, `${duration(ms)} · ${percent(part)}`));
}
