const filter = { archived: false, folders: ['inbox', 'sent'] };

export default {
  runs: [
    {
      asks: [
        {
          ask: 'POST /v1/search/threads',
          headers: { 'content-type': 'application/json' },
          json: { filter, search: { order: 'asc', page: { size: 2 } } },
          answer: {
            paging: {
              results: [
                { key: 7, title: ' Plans ', counts: { all: 3, unread: 1 } },
                { key: 8, counts: { all: 1, unread: 0 } },
              ],
              next: { token: 42 },
            },
          },
        },
        {
          ask: 'POST /v1/search/threads',
          json: { filter, search: { order: 'asc', page: { size: 2, token: 42 } } },
          answer: { paging: { results: [{ key: 9, title: '', counts: { all: 2, unread: 2 } }] } },
        },
      ],
      records: {
        Thread: [
          { id: '7', title: 'Plans', messageCount: 3, unread: true },
          { id: '8', title: '(no title)', messageCount: 1, unread: false },
          { id: '9', title: '(no title)', messageCount: 2, unread: true },
        ],
      },
    },
  ],
};
