const json = { 'content-type': 'application/json' };
const form = { 'content-type': 'application/x-www-form-urlencoded' };

export default {
  runs: [
    {
      asks: [
        {
          ask: 'GET /api/v4/runners',
          answer: [{ id: 1, name: 'one', paused: true }, { id: 2, name: 'two', paused: false }],
        },
        {
          ask: 'PATCH /api/v4/runners/1', headers: json, json: { paused: false },
          answer: { paused: false },
        },
        { ask: 'PUT /api/v4/runners/1/heartbeat', headers: form, body: 'tick', status: 204 },
        { ask: 'PUT /api/v4/runners/2/heartbeat', body: 'tick', status: 204 },
      ],
      records: {
        Runner: [
          { id: '1', name: 'one', paused: false }, { id: '2', name: 'two', paused: false },
        ],
      },
    },
    {
      asks: [
        { ask: 'GET /api/v4/runners', answer: [{ id: 1, lost: true }] },
        {
          ask: 'DELETE /api/v4/runners/1', headers: json, json: { reason: 'lost' }, status: 204,
        },
      ],
      deleted: { Runner: ['1'] },
    },
  ],
};
