import { gzipSync } from 'node:zlib';

export default {
  runs: [
    {
      asks: [
        { ask: 'GET /admin/levels/a', status: 500, text: '', answerHeaders: { 'retry-in': '0' } },
        {
          ask: 'GET /admin/levels/a', bytes: gzipSync('{"x":1,"y":0}'),
          answerHeaders: { 'content-encoding': 'gzip', 'content-type': 'application/json' },
        },
        { ask: 'GET /admin/levels/b', breaks: true },
      ],
      records: { Level: [{ id: 'a:x', count: 1 }, { id: 'a:y', count: 0 }] },
      log: [['error', 'shop b', { code: 'ECONNRESET', status: null }]],
    },
    {
      asks: [
        { ask: 'GET /admin/levels/a', answer: {} },
        { ask: 'GET /admin/levels/b', status: 500, answer: { error: 'oops' } },
      ],
      log: [['error', 'shop b', { code: 'ERR_BAD_RESPONSE', status: 500 }]],
    },
  ],
};
