export default {
  runs: [
    {
      variant: 'closed',
      asks: [
        { ask: 'GET /updates.json?state=closed', answer: [{ id: 1, text: 'fixed' }, { id: 2 }] },
      ],
      records: { Update: [{ id: '1', text: 'fixed' }, { id: '2' }] },
    },
    {
      variant: 'closed',
      asks: [{ ask: 'GET /updates.json?state=closed', status: 410, text: 'gone' }],
      fails: { type: 'script_http_error', says: /410/ },
    },
    {
      variant: 'closed',
      asks: [{ ask: 'GET /updates.json?state=closed', answer: [{ id: 2, text: 'late' }] }],
      changed: { Update: [{ id: '2', text: 'late' }] },
    },
  ],
};
