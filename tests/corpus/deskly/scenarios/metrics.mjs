const first = { id: 'a', opened: { count: 1, first: '2025-01-01' } };

export default {
  runs: [
    {
      asks: [
        {
          ask: 'GET /api/v2/metrics',
          answer: { metrics: [first, { id: 'b', opened: { count: 2 } }], cursor: 17 },
        },
      ],
      records: { Metric: [first, { id: 'b', opened: { count: 2 } }] },
      checkpoint: { cursor: 17 },
    },
    {
      asks: [
        {
          ask: 'GET /api/v2/metrics?cursor=17',
          answer: {
            metrics: [
              { id: 'a', opened: { count: 5 }, solved: { count: 1 } },
              { id: 'unknown', opened: { count: 9 } },
            ],
            cursor: 'x',
          },
        },
      ],
      changed: {
        Metric: [{ id: 'a', opened: { count: 5, first: '2025-01-01' }, solved: { count: 1 } }],
      },
      checkpoint: { cursor: 'x' },
    },
  ],
};
