// The API of a small shop: always the same orders, handed out in pages.

import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';

/** All orders of the shop, by id. Totals run from 5 to 995 in steps of 10, each of them twice. */
export const orders = Array.from({ length: 200 }, (_, i) => ({
  id: `order-${String(i + 1).padStart(3, '0')}`,
  customer: `customer-${(i % 17) + 1}`,
  total: ((i * 37) % 100) * 10 + 5,
  currency: 'EUR',
  created_at: new Date(Date.UTC(2026, 0, 1) + i * 3_600_000).toISOString(),
}));

/** Makes the HTTP server, not yet listening: GET /orders?limit=&cursor=. */
export function createProvider() {
  return createServer((request, response) => {
    const url = new URL(request.url, 'http://shop');
    if (request.method !== 'GET' || url.pathname !== '/orders') {
      send(response, 404, { error: 'only GET /orders is answered' });
      return;
    }
    const from = Number(url.searchParams.get('cursor') ?? 0);
    const limit = Number(url.searchParams.get('limit') ?? 100);
    const next = from + limit;
    send(response, 200, {
      orders: orders.slice(from, next),
      next_cursor: next < orders.length ? String(next) : null,
    });
  });
}

function send(response, status, body) {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const server = createProvider();
  server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
    console.log(`ready http://127.0.0.1:${server.address().port}`);
  });
}
