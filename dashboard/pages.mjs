// Which page an address leads to.

import { heading } from './parts.mjs';
import { audit } from './pages/audit.mjs';
import { connection, connections } from './pages/connections.mjs';
import { functionPage, functions } from './pages/functions.mjs';
import { overview } from './pages/overview.mjs';
import { sync } from './pages/sync.mjs';
import { variant } from './pages/variant.mjs';
import { webhooks } from './pages/webhooks.mjs';
import { worker, workers } from './pages/workers.mjs';
import { h, replace } from './dom.mjs';

// By the first word of the address, with how many words follow at least.
const pages = {
  connections: [connections, 0],
  connection: [connection, 2],
  sync: [sync, 3],
  variant: [variant, 4],
  functions: [functions, 0],
  function: [functionPage, 3],
  workers: [workers, 0],
  worker: [worker, 1],
  webhooks: [webhooks, 0],
  audit: [audit, 0],
};

/** Returns the page for the words of an address: a function of the visit and the page's box. */
export function pageOf([first, ...others]) {
  if (first === undefined) return overview;
  const [page, wordsLeast] = pages[first] ?? [];
  return page && others.length >= wordsLeast ? page : lost;
}

function lost(visit, box) {
  replace(box, heading({ title: 'No such page' }),
    h('p', {}, 'Nothing is here. ', h('a', { href: '#/' }, 'Go to the overview')));
}
