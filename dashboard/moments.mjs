// Moments on the page: each is shown as a distance from now that stays right while time goes by.

import { h, setText } from './dom.mjs';
import { relative, stamp } from './format.mjs';

const interval = 1000;

/** Returns a moment, given as ISO 8601 text, to be shown as `4m ago`; a dash if there is none. */
export function moment(iso, otherwise = '–') {
  const at = iso ? Date.parse(iso) : Number.NaN;
  if (Number.isNaN(at)) return h('span', { class: 'quiet' }, otherwise);
  return h('time', { datetime: iso, title: stamp(at), 'data-moment': at }, relative(at));
}

/** Keeps all moments of the document right from now on. */
export function keepMoments() {
  setInterval(() => {
    if (document.hidden) return;
    const now = Date.now();
    for (const each of document.querySelectorAll('time[data-moment]')) {
      setText(each, relative(Number(each.dataset.moment), now));
    }
  }, interval);
}
