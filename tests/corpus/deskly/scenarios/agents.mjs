const set =
  (metadata) =>
  ({ varia, key, connection }) =>
    varia.nango.setMetadata(key, connection, metadata);

export default {
  runs: [
    {
      fails: {
        type: 'action_script_runtime_error',
        says: /^The connection names no brand$/,
        at: /agents\.ts:18:/,
      },
    },
    {
      before: set({ brand: 'x' }),
      metadata: { brand: 'x' },
      fails: { type: 'action_script_runtime_error' },
      logs: [['error', /brand/]],
    },
    {
      before: set({ brand: 'acme', groups: [1, 2] }),
      metadata: { brand: 'acme', groups: [1, 2] },
      asks: [
        { ask: 'GET /api/v2/brands/acme/agents?groups=1,2', answer: [{ id: '1', name: 'Ann' }] },
      ],
      records: { Agent: [{ id: '1', name: 'Ann' }] },
    },
  ],
};
