import { hostOf, integrations } from '../../integrations.mjs';

const { ledger } = integrations;

export default {
  metadata: { books: 'products-books' },
  others: { ledger: { id: 'products-books', config: { site: 'north' } } },
  runs: [
    {
      asks: [
        {
          ask: 'GET /admin/products',
          answer: [
            { sku: 's1', title: 'Cafe\u0301', price: { amount: 2.5 } }, { sku: 's2', title: 7 },
          ],
        },
        {
          ask: 'GET /v3/stock?site=north', host: hostOf(ledger), auth: ledger.auth,
          answer: { s1: 4 },
        },
      ],
      records: {
        Product: [
          { id: 's1', title: 'Caf\u00e9', price: { amount: 2.5 }, stock: 4 },
          { id: 's2', title: '7', price: 'on request', stock: null },
        ],
      },
    },
  ],
};
