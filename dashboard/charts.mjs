// Small pictures of numbers. Each has a text that says the same.

import { h, s, setStyle } from './dom.mjs';
import { count, duration, percent } from './format.mjs';
import { titleOf, toneOf } from './states.mjs';

const barWidth = 4;
const barGap = 1;
const chartHeight = 22;
const barLeast = 2;

/**
 * The last runs of a variant as bars, the newest at the right: as high as they took long, in the
 * colour of their end. `places` leaves room for so many.
 */
export function runBars(recent, places = 20) {
  if (!recent?.length) return h('span', { class: 'quiet' }, '–');
  const shown = recent.slice(-places);
  const longest = Math.max(...shown.map((run) => run.duration_ms ?? 0), 1);
  const width = places * (barWidth + barGap) - barGap;
  const shift = places - shown.length;
  return s('svg', {
    class: 'bars', width, height: chartHeight, viewBox: `0 0 ${width} ${chartHeight}`,
    preserveAspectRatio: 'none', role: 'img', 'aria-label': tellRuns(shown),
  }, shown.map((run, i) => {
    // A square root keeps short runs visible beside one that took very long.
    const part = Math.sqrt((run.duration_ms ?? 0) / longest);
    const height = Math.max(part * chartHeight, barLeast);
    return s('rect', {
      x: (shift + i) * (barWidth + barGap), y: chartHeight - height, width: barWidth, height, rx: 1,
      class: toneOf(run.outcome),
    });
  }));
}

function tellRuns(runs) {
  const failed = runs.filter(({ outcome }) => outcome === 'failed').length;
  const last = runs.at(-1);
  const ends = failed === 0 ? 'none failed' : `${failed} failed`;
  return `Last ${runs.length} runs: ${ends}; the newest took ${duration(last.duration_ms)}`;
}

/** How a whole is made up of parts: `{ state, value }` in a bar, with a text beside it. */
export function partsBar(parts, label) {
  const whole = parts.reduce((sum, { value }) => sum + value, 0);
  const words = parts.filter(({ value }) => value > 0)
    .map(({ state, value }) => `${count(value)} ${titleOf(state).toLowerCase()}`);
  return h('span', {
    class: 'parts', role: 'img', 'aria-label': `${label}: ${words.join(', ') || 'none'}`,
    title: words.join(', '),
  }, parts.filter(({ value }) => value > 0).map(({ state, value }) => {
    const part = h('span', { class: toneOf(state) });
    setStyle(part, { 'flex-grow': value / whole });
    return part;
  }));
}

/** A part of a whole as a bar with its number; from `high` on it has the colour of a warning. */
export function meter(part, label, { high = 1.1, text = percent(part) } = {}) {
  const filled = h('span', { class: part >= high ? 'tone-warn' : 'tone-run' });
  setStyle(filled, { width: `${Math.min(Math.max(part, 0), 1) * 100}%` });
  return h('span', { class: 'meter', title: label },
    h('span', { class: 'meter-track', 'aria-hidden': 'true' }, filled),
    h('span', { class: 'meter-text' }, text));
}
