const open = { open: true, host: 'rates.example' };

export default {
  runs: [
    {
      asks: [
        {
          ask: 'GET /daily?base=EUR', ...open, headers: { accept: 'application/json' },
          answer: { rates: { CHF: 0.95, USD: 1.1 } },
        },
        { ask: 'POST /seen', ...open, body: 'rates=2', status: 201, text: 'thanks' },
      ],
      records: { Rate: [{ id: 'CHF', perEuro: 0.95 }, { id: 'USD', perEuro: 1.1 }] },
      log: [['info', 'thanks', { status: 201, kind: 'text/plain; charset=utf-8' }]],
    },
    {
      asks: [{ ask: 'GET /daily?base=EUR', ...open, status: 502, text: 'closed' }],
      fails: { type: 'script_internal_error', says: /^the bank said 502$/, at: /rates\.ts:18:/ },
    },
  ],
};
