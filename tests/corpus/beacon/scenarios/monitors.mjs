export default {
  runs: [
    {
      asks: [{ ask: 'POST /hooks', json: { path: 'beacon' }, status: 201, answer: { id: 1 } }],
      records: {
        Monitor: [
          {
            id: 'run',
            about: {
              connectionId: 'monitors-connection', providerConfigKey: 'beacon',
              provider: 'unauthenticated', environmentName: 'dev', variant: 'base',
              action: 'refused', ids: [true, true, true], numbers: [true, true], attributes: [],
              since: null, odd: ['Symbol(x)', 'undefined', false],
            },
          },
        ],
      },
    },
    {
      event: { type: 'whatever', payload: { name: 'disk', levels: [1, 2.5] } },
      changed: {
        Monitor: [{ id: 'webhook', about: { name: 'disk', levels: [1, 2.5], variant: 'base' } }],
      },
    },
  ],
};
