const change = (id, version) => ({ file_id: id, file: { name: `${id}.txt`, version } });
const entry = (id, version) => ({ id, name: `${id}.txt`, version });

export default {
  runs: [
    {
      asks: [
        { ask: 'GET /drive/v2/changes/start-token', answer: { token: 'c0' } },
        {
          ask: 'GET /drive/v2/changes?token=c0',
          answer: {
            changes: [change('a', 1), change('b', 1)], next_token: 'c1', has_more: true,
          },
        },
        { ask: 'GET /drive/v2/changes?token=c1', status: 400, answer: { error: 'busy' } },
      ],
      records: { Entry: [entry('a', 1), entry('b', 1)] },
      checkpoint: { token: 'c1', pages: 1 },
      fails: { type: 'script_http_error', upstream: 400 },
    },
    {
      asks: [
        {
          ask: 'GET /drive/v2/changes?token=c1',
          answer: {
            changes: [
              change('b', 2),
              { file_id: 'a', removed: true, removed_at: '2025-02-03T04:05:06Z' },
            ],
            next_token: 'c2', has_more: true,
          },
        },
        {
          ask: 'GET /drive/v2/changes?token=c2',
          answer: { changes: [], next_token: 'c3', has_more: false },
        },
      ],
      changed: { Entry: [entry('b', 2)] },
      deleted: { Entry: ['a'] },
      deletedAt: { Entry: { a: '2025-02-03T04:05:06.000Z' } },
      checkpoint: { token: 'c3', pages: 3 },
    },
    {
      asks: [
        {
          ask: 'GET /drive/v2/changes?token=c3',
          answer: { changes: [change('a', 3)], next_token: 'c4', has_more: false },
        },
      ],
      changed: { Entry: [entry('a', 3)] },
      checkpoint: { token: 'c4', pages: 4 },
    },
  ],
};
