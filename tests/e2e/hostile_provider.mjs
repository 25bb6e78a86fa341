// A provider for scripts of all kinds: it serves items well, and other paths badly.

import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export const pages = 30;
export const itemsPerPage = 5;

/** The items of a page of a variant. */
export const itemsOf = (variant, page) => Array.from({ length: itemsPerPage }, (_, i) => ({
  id: `${page}-${i}`, variant, text: `item ${i} of page ${page} of ${variant}`,
}));

/** All items of a variant, by their ids. */
export const allItemsOf = (variant) =>
  Array.from({ length: pages }, (_, page) => itemsOf(variant, page)).flat();

/** Returns a server; `away` is an address that `/away` redirects to. */
export function hostileProvider(away) {
  return createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://provider');
    await sleep(25);
    if (pathname === '/never') return;
    if (pathname === '/slowly') {
      trickle(response);
      return;
    }
    if (pathname === '/away') {
      response.writeHead(302, { location: away() }).end();
      return;
    }
    const page = Number(searchParams.get('page'));
    const items = itemsOf(searchParams.get('variant'), page);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ items, more: page + 1 < pages }));
  });
}

// A byte a second, for ever.
async function trickle(response) {
  response.writeHead(200, { 'content-type': 'text/plain' });
  while (!response.destroyed) {
    response.write('x');
    await sleep(1000);
  }
}
