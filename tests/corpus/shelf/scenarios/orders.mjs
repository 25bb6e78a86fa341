const ask = (rest = '') => `GET /admin/orders?${rest}statuses=paid,sent,&first=1000`;
// More than one batch may hold.
const many = Array.from({ length: 1200 }, (_, i) => ({
  id: `o${i}`,
  customer: `c${i % 3}`,
  lines: [{ sku: 'tea', price: 0.5, count: 2 }],
}));
const last = {
  id: 'p1',
  customer: 'c9',
  lines: [
    { sku: 'a', price: 3, count: 1 },
    { sku: 'b', price: 1, count: 2 },
  ],
};
const recordOf = ({ id }) => ({ id, total: 1, items: ['tea', 'tea'] });

export default {
  runs: [
    {
      asks: [
        { ask: ask(), answer: { page: { orders: many, cursor: 'k' } } },
        { ask: ask('after=k&'), answer: { page: { orders: [last], cursor: null } } },
      ],
      records: {
        Order: [...many.map(recordOf), { id: 'p1', total: 5, items: ['a', 'b', 'b'] }],
        Customer: [
          ...['c0', 'c1', 'c2'].map((id) => ({ id, orders: 400 })),
          { id: 'c9', orders: 1 },
        ],
      },
      checkpoint: { after: 'p1', full: true },
    },
    {
      asks: [{ ask: ask('after=p1&'), answer: { page: { orders: [] } } }],
      checkpoint: { after: 'p1', full: true },
    },
  ],
};
