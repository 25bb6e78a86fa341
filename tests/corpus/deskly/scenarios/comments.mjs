const list = (...versions) => ({
  ask: 'GET /api/v2/comments', answer: versions.map((v, i) => ({ id: i + 1, v, ticket: 10 })),
});
const body = (id, text) => ({ ask: `GET /api/v2/comments/${id}`, text });
const record = (id, version, text) => ({ id: `${id}`, ticket: '10', body: text, version });

export default {
  runs: [
    {
      asks: [list(1, 1, 1), body(1, 'one'), body(2, '{"two":2}'), body(3, '')],
      records: { Comment: [record(1, 1, 'one'), record(2, 1, '{"two":2}'), record(3, 1, '')] },
      log: [['info', 'comments', { fetched: 3, all: ['1', '2', '3'] }]],
    },
    {
      asks: [list(1, 2, 1, 1), body(2, 'two'), body(4, 'four')],
      changed: { Comment: [record(2, 2, 'two'), record(4, 1, 'four')] },
      log: [['info', 'comments', { fetched: 2, all: ['1', '2', '3', '4'] }]],
    },
  ],
};
