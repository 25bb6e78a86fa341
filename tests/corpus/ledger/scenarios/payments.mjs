const payment = (id, amount) => ({ id, amount, paidAt: '2025-06-01T12:00:00.000Z' });
const sent = (id, amount) => ({ id, amount, paidAt: '2025-06-01T14:00:00+02:00' });

export default {
  runs: [
    {
      asks: [{ ask: 'GET /v3/payments', answer: [sent('p1', 5), sent('p2', 6.5)] }],
      records: { Payment: [payment('p1', 5), payment('p2', 6.5)] },
    },
    // Nothing wrote meanwhile, so all that differs is taken.
    {
      asks: [{ ask: 'GET /v3/payments', answer: [sent('p1', 7), sent('p2', 6.5)] }],
      changed: { Payment: [payment('p1', 7)] },
    },
  ],
};
