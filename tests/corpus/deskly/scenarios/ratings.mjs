export default {
  runs: [
    {
      asks: [
        {
          ask: 'GET /api/v2/ratings?lastly=false',
          answer: [{ id: '1', score: 5 }, { id: '2', score: 1, comment: null }],
        },
      ],
      records: { Rating: [{ id: '1', score: 5 }, { id: '2', score: 1, comment: null }] },
    },
    {
      asks: [
        {
          ask: ({ lastStart }) => `GET /api/v2/ratings?since=${lastStart}&lastly=true`,
          answer: [{ id: '1', score: 4, comment: 'hm' }],
        },
      ],
      changed: { Rating: [{ id: '1', score: 4, comment: 'hm' }] },
    },
  ],
};
