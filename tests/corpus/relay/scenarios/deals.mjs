export default {
  runs: [
    {
      asks: [
        {
          ask: 'GET /v2/deals',
          answer: {
            deals: [
              {
                deal_id: 1,
                amount: '10,50',
                currency: 'USD',
                split: [60, 40],
                stage: { kind: 'open', step: 'offer' },
              },
              {
                deal_id: 'x2',
                amount: '7',
                currency: 'Euros',
                split: [100, 0],
                stage: { kind: 'won', on: '2025-04-01' },
              },
              { deal_id: 3, amount: '1', split: [50, 50], stage: { kind: 'lost' } },
              { deal_id: 4, amount: 1, split: [50, 40], stage: { kind: 'sold' } },
            ],
          },
        },
      ],
      records: {
        Deal: [
          {
            id: '1',
            amount: 10.5,
            currency: 'USD',
            stage: { kind: 'open', step: 'offer' },
            ours: 60,
          },
          {
            id: '3',
            amount: 1,
            currency: 'EUR',
            stage: { kind: 'lost', because: 'unknown' },
            ours: 50,
          },
          {
            id: 'x2',
            amount: 7,
            currency: 'EUR',
            ours: 100,
            stage: { kind: 'won', on: '2025-04-01T00:00:00.000Z' },
          },
        ],
      },
      log: [['warn', 'deal 3 left out', { paths: ['amount', 'stage.kind', 'split'] }]],
    },
  ],
};
