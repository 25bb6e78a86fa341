export default {
  metadata: { repositories: ['a', 'b', 'c'] },
  runs: [
    {
      asks: [
        {
          ask: 'GET /api/v4/repos/a/releases/latest',
          answer: {
            tag: 'v1',
            assets: [
              { name: 'a.tgz', size: 3 },
              { name: 'a.zip', size: 4 },
            ],
          },
        },
        {
          ask: 'GET /api/v4/repos/b/releases/latest',
          status: 404,
          answer: { message: 'no release' },
        },
        { ask: 'GET /api/v4/repos/c/releases/latest', status: 403, answer: { message: 'no way' } },
      ],
      records: {
        Release: [
          { id: 'a', tag: 'v1', assets: { 'a.tgz': 3, 'a.zip': 4 } },
          { id: 'b', tag: null, assets: {} },
        ],
      },
      log: [['info', 'b: no release']],
      fails: { type: 'script_http_error', says: /status code 403/, at: /releases\.ts:22:/ },
    },
  ],
};
