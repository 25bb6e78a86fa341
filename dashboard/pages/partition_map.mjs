// All partitions of a sync at a glance: each as large as what it holds, in the colour of how long
// it takes, so that the few that are out of line are seen at once.

import { append, h, inNextFrame, replace, setStyle } from '../dom.mjs';
import { bytes, compact, count, duration, percent } from '../format.mjs';
import { select } from '../parts.mjs';
import { noteInPlace, variantHref } from '../router.mjs';
import { heatOf, quantile, spreadOf, wordForSkew } from '../skew.mjs';
import { stateOf, titleOf, toneOf, variantStates } from '../states.mjs';
import { plainTable } from '../table.mjs';
import { squarified } from '../treemap.mjs';
import { rankBars } from './rank_bars.mjs';
import { tookOf } from './variant_table.mjs';

const heatSteps = 6;
// More than that no eye tells apart; what is left is shown as one.
const tilesMost = 1500;
const largestShown = 12;
const labelFrom = { width: 46, height: 20 };
const detailFrom = { width: 60, height: 40 };

const sizes = {
  records: { title: 'Records', of: (row) => row.records ?? 0, text: count },
  bytes: { title: 'Bytes', of: (row) => row.bytes ?? 0, text: bytes },
  took: { title: 'Duration', of: (row) => finite(tookOf(row)), text: duration },
};
const colours = { took: 'Duration', state: 'State' };

const finite = (value) => (Number.isFinite(value) ? value : 0);

export class PartitionMap {
  #rows = [];
  #size;
  #colour;
  #facts = h('div', { class: 'tiles' });
  #map = h('div', { class: 'treemap', role: 'group', 'aria-label': 'Partitions by size' });
  #legend = h('div', { class: 'legend', 'aria-hidden': 'true' });
  #ranks = h('div');
  #largest = h('div');
  #tip = h('div', { class: 'tip', hidden: true, 'aria-hidden': 'true' });

  constructor(visit) {
    this.#size = visit.query.size in sizes ? visit.query.size : 'records';
    this.#colour = visit.query.colour in colours ? visit.query.colour : 'took';
    this.element = h('div', { class: 'with-tip' }, this.#facts, h('div', { class: 'toolbar' },
      select('Size', Object.entries(sizes).map(([key, { title }]) => [key, title]), this.#size,
        (size) => this.#choose({ size })),
      select('Colour', Object.entries(colours), this.#colour, (colour) => this.#choose({ colour })),
      this.#legend), this.#map, this.#tip, h('div', { class: 'columns even' }, this.#ranks,
      this.#largest));
    const redraw = inNextFrame(() => this.#draw());
    const watcher = new ResizeObserver(redraw);
    watcher.observe(this.#map);
    visit.onLeave(() => watcher.disconnect());
    this.#map.addEventListener('keydown', (event) => this.#keyPressed(event));
    for (const kind of ['pointerover', 'focusin']) {
      this.#map.addEventListener(kind, (event) => this.#showTip(event.target.closest('a')));
    }
    for (const kind of ['pointerleave', 'focusout']) {
      this.#map.addEventListener(kind, () => { this.#tip.hidden = true; });
    }
  }

  show(rows) {
    this.#rows = rows;
    this.#draw();
  }

  #choose({ size = this.#size, colour = this.#colour }) {
    this.#size = size;
    this.#colour = colour;
    noteInPlace({ size: size === 'records' ? '' : size, colour: colour === 'took' ? '' : colour });
    this.#draw();
  }

  #draw() {
    const size = sizes[this.#size];
    const falling = this.#rows.map((row) => ({ row, value: size.of(row) }))
      .filter(({ value }) => value > 0).sort((a, b) => b.value - a.value);
    replace(this.#facts, this.#factTiles(size));
    this.#drawTiles(falling, size);
    replace(this.#legend, this.#legendOf());
    replace(this.#ranks, rankBars(falling.map(({ value }) => value), size));
    replace(this.#largest, this.#largestTable(falling, size));
  }

  #drawTiles(falling, size) {
    const { clientWidth: width, clientHeight: height } = this.#map;
    if (width === 0) return; // The page was left while its rows came.
    if (falling.length === 0) {
      replace(this.#map, h('p', { class: 'empty' }, this.#rows.length === 0
        ? 'This sync has no variants.' : `No partition has any ${size.title.toLowerCase()} yet.`));
      return;
    }
    const focused = this.#map.contains(document.activeElement)
      ? document.activeElement.dataset.variant : null;
    const shown = withRest(falling);
    const boxes = squarified(shown.map(({ value }) => value), width, height);
    const heat = this.#heat();
    replace(this.#map, shown.map((each, i) => this.#tile(each, boxes[i], heat, size)));
    this.#map.firstChild.tabIndex = 0;
    if (focused !== null) this.#focus(this.#tileOf(focused));
  }

  #tile({ row, value, rest }, box, heat, size) {
    const words = { class: `tile-box ${rest ? 'rest' : heat(row)}`, tabIndex: -1 };
    const element = rest ? h('div', words)
      : h('a', { ...words, href: variantHref(row), 'data-variant': row.variant });
    const [hasLabel, hasNumber] = [labelFrom, detailFrom].map((from) => (
      box.width >= from.width && box.height >= from.height));
    append(element, [
      h('span', { class: hasLabel ? 'tile-label' : 'hidden-text' },
        rest ? `${count(rest)} smaller ones` : row.variant),
      h('span', { class: hasNumber ? 'tile-number' : 'hidden-text' }, size.text(value)),
      row && h('span', { class: 'hidden-text' }, tell(row, size)),
    ]);
    setStyle(element, {
      left: `${box.x}px`, top: `${box.y}px`, width: `${box.width}px`, height: `${box.height}px`,
    });
    return element;
  }

  // What a row's colour is.
  #heat() {
    if (this.#colour === 'state') return (row) => `flat ${toneOf(stateOf(row))}`;
    const times = this.#rows.map(tookOf).filter(Number.isFinite).sort((a, b) => a - b);
    const [least, greatest] = [quantile(times, 0.02), quantile(times, 1)];
    return (row) => {
      const step = heatOf(tookOf(row), least, greatest, heatSteps);
      return step === null ? 'heat-none' : `heat-${step}`;
    };
  }

  #legendOf() {
    if (this.#colour === 'state') {
      return variantStates.map((state) => h('span', { class: 'key' },
        h('span', { class: `swatch flat ${toneOf(state)}` }), titleOf(state)));
    }
    const times = this.#rows.map(tookOf).filter(Number.isFinite).sort((a, b) => a - b);
    if (times.length === 0) return [];
    const steps = Array.from({ length: heatSteps }, (_, i) => h('span',
      { class: `swatch heat-${i}` }));
    return [h('span', {}, duration(times[0])), ...steps, h('span', {}, duration(times.at(-1)))];
  }

  #factTiles(size) {
    const spread = spreadOf(this.#rows.map(size.of));
    const times = spreadOf(this.#rows.map(tookOf));
    return [
      fact('Partitions', count(this.#rows.length), `${size.text(spread.total)} in all`),
      fact('Spread', wordForSkew(spread.gini), `Gini ${spread.gini.toFixed(2)}`),
      fact('Largest', size.text(spread.greatest), timesText(spread)),
      fact('Largest tenth has', percent(spread.topShare), `of all ${size.title.toLowerCase()}`),
      fact('Slowest', duration(times.greatest), timesText(times)),
    ];
  }

  #largestTable(falling, size) {
    const whole = falling.reduce((sum, { value }) => sum + value, 0);
    return h('section', { class: 'panel' }, h('h2', {}, 'Largest partitions'),
      plainTable('Largest partitions', ['Variant', { title: size.title, numeric: true },
        { title: 'Part', numeric: true }, { title: 'Took', numeric: true, hide: 's' }],
      falling.slice(0, largestShown).map(({ row, value }) => [
        h('a', { href: variantHref(row) }, row.variant), size.text(value), percent(value / whole),
        duration(tookOf(row))]), 'Nothing yet.'));
  }

  #showTip(tile) {
    const row = this.#rows.find(({ variant }) => variant === tile?.dataset.variant);
    this.#tip.hidden = !row;
    if (!row) return;
    replace(this.#tip, h('strong', {}, row.variant),
      h('span', {}, `${count(row.records)} records, ${bytes(row.bytes)}`),
      h('span', {}, `${titleOf(stateOf(row))}, took ${duration(tookOf(row))}`));
    const place = tile.getBoundingClientRect();
    const around = this.element.getBoundingClientRect();
    const left = Math.min(place.left - around.left, around.width - this.#tip.offsetWidth - 4);
    setStyle(this.#tip, {
      left: `${Math.max(left, 0)}px`, top: `${place.bottom - around.top + 4}px`,
    });
  }

  #keyPressed(event) {
    const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
    const step = steps[event.key];
    if (!step || !event.target.dataset.variant) return;
    event.preventDefault();
    const tiles = [...this.#map.querySelectorAll('a')];
    const at = tiles.indexOf(event.target) + step;
    this.#focus(tiles[Math.min(Math.max(at, 0), tiles.length - 1)]);
  }

  #tileOf(variant) {
    return [...this.#map.children].find((each) => each.dataset.variant === variant);
  }

  #focus(tile) {
    if (!tile) return;
    for (const each of this.#map.querySelectorAll('[tabindex="0"]')) each.tabIndex = -1;
    tile.tabIndex = 0;
    tile.focus();
  }
}

function withRest(falling) {
  if (falling.length <= tilesMost) return falling;
  const rest = falling.slice(tilesMost);
  const value = rest.reduce((sum, each) => sum + each.value, 0);
  return [...falling.slice(0, tilesMost), { value, rest: rest.length }]
    .sort((a, b) => b.value - a.value);
}

function tell(row, size) {
  return ` ${size.title.toLowerCase()}, took ${duration(tookOf(row))}, `
    + titleOf(stateOf(row)).toLowerCase();
}

function timesText({ timesMedian, median }) {
  if (median === 0 || !Number.isFinite(timesMedian)) return 'the median is 0';
  return `${compact(Math.round(timesMedian * 10) / 10)} times the median`;
}

function fact(name, value, detail) {
  return h('div', { class: 'tile' }, h('span', { class: 'tile-name' }, name),
    h('span', { class: 'tile-value' }, value), h('span', { class: 'tile-detail' }, detail));
}
