// The partitions side by side in the order of their size: an even sync is a flat line, a skewed one
// a cliff.

import { h, s } from '../dom.mjs';
import { count, percent } from '../format.mjs';

const width = 600;
const height = 150;
const barsMost = 120;

/** Returns a picture of values in falling order; of many, each bar stands for several. */
export function rankBars(falling, size) {
  const bars = grouped(falling);
  const greatest = bars[0] ?? 1;
  const step = width / Math.max(bars.length, 1);
  const picture = s('svg', {
    class: 'ranks', viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', role: 'img',
    'aria-label': tell(falling, size),
  }, bars.map((value, i) => s('rect', {
    x: i * step, y: height - value / greatest * height, width: Math.max(step - 1, 0.5),
    height: value / greatest * height,
  })));
  return h('section', { class: 'panel' }, h('h2', {}, `${size.title} by rank`),
    falling.length === 0 ? h('p', { class: 'empty' }, 'Nothing yet.') : picture,
    falling.length > 0 && h('p', { class: 'axis' },
      h('span', {}, `largest: ${size.text(falling[0])}`),
      h('span', {}, `smallest: ${size.text(falling.at(-1))}`)));
}

function grouped(falling) {
  if (falling.length <= barsMost) return falling;
  return Array.from({ length: barsMost }, (_, i) => {
    const part = falling.slice(Math.floor(i * falling.length / barsMost),
      Math.floor((i + 1) * falling.length / barsMost));
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
}

function tell(falling, size) {
  if (falling.length === 0) return 'No partitions';
  const whole = falling.reduce((sum, value) => sum + value, 0);
  return `${count(falling.length)} partitions; the largest has ${size.text(falling[0])}, `
    + `${percent(falling[0] / whole)} of all`;
}
