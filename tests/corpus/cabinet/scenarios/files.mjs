const ask = (rest) =>
  `GET /drive/v2/files?fields=id,name,owner&trashed=false&q=a+'b'+%26+c&top=3&${rest}`;
const owner = { email: 'bo@field.example', role: 'editor' };
const file = (id, more) => ({
  id,
  name: `${id}.txt`,
  size: null,
  owner: null,
  starred: false,
  ...more,
});

export default {
  runs: [
    {
      asks: [
        {
          ask: ask('skip=0'),
          answer: {
            entries: [
              { id: 'f1', name: 'f1.txt', size: 10, owner, modified: '2025-01-01' },
              { id: 'f2', name: 'f2.txt', starred: 1 },
              { id: 'f3', name: 'f3.txt', size: 0, modified: null },
            ],
          },
        },
        { ask: ask('skip=3'), answer: { entries: [{ id: 'f4', name: 'f4.txt' }] } },
      ],
      records: {
        File: [
          file('f1', { size: 10, owner, modified: '2025-01-01' }),
          file('f2', { starred: true }),
          file('f3', { size: 0, modified: null }),
          file('f4'),
        ],
      },
    },
    {
      asks: [
        {
          ask: ask('skip=0'),
          answer: {
            entries: [
              { id: 'f1', name: 'f1.txt', size: 10, owner, modified: '2025-01-01' },
              { id: 'f4', name: 'f4.txt' },
              { id: 'f5', name: 'f5.txt' },
            ],
          },
        },
        { ask: ask('skip=3'), answer: { entries: [] } },
      ],
      changed: { File: [file('f5')] },
      deleted: { File: ['f2', 'f3'] },
    },
  ],
};
