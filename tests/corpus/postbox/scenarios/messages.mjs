const headers = (subject) => [
  { name: 'From', value: 'ada@field.example' },
  ...(subject ? [{ name: 'SUBJECT', value: subject }] : []),
];
const first = { thread: 't1', from: 'ada@field.example', sentAt: '2025-03-01T10:00:00.000Z' };

export default {
  metadata: { labels: ['INBOX', 'work/urgent'] },
  runs: [
    {
      asks: [
        {
          ask: 'GET /v1/users/me/messages?labelIds=INBOX,work/urgent&format=full&max_results=2',
          answer: {
            messages: [
              {
                id: 'm1', threadId: 't1', history: 11, seconds: 1740823200, sizeEstimate: 512,
                labelIds: ['INBOX'], headers: headers('Hello, Wörld'),
              },
              { id: 'm2', threadId: 't1', history: 14, seconds: 1740823260, headers: headers() },
            ],
            next_page_token: ' p/2+= ',
          },
        },
        {
          ask: 'GET /v1/users/me/messages?labelIds=INBOX,work/urgent&format=full&max_results=2' +
            '&page_token=p%2F2%2B%3D',
          answer: {
            messages: [
              { id: 'm3', threadId: 't2', history: 12, seconds: 1740823320, headers: [] },
            ],
            next_page_token: '  ',
          },
        },
      ],
      records: {
        Message: [
          { id: 'm1', ...first, subject: 'Hello, Wörld', labels: ['INBOX'], size: 512 },
          {
            id: 'm2', ...first, subject: null, labels: [], size: 0,
            sentAt: '2025-03-01T10:01:00.000Z',
          },
          {
            id: 'm3', thread: 't2', subject: null, from: 'unknown', labels: [], size: 0,
            sentAt: '2025-03-01T10:02:00.000Z',
          },
        ],
      },
      checkpoint: { history: 14 },
    },
    {
      asks: [
        {
          ask: 'GET /v1/users/me/messages?labelIds=INBOX,work/urgent&sinceHistory=14&format=full' +
            '&max_results=2',
          answer: {
            messages: [
              {
                id: 'm1', threadId: 't1', history: 15, seconds: 1740823200, sizeEstimate: 512,
                labelIds: ['INBOX', 'READ'], headers: headers('Hello, Wörld'),
              },
            ],
          },
        },
      ],
      changed: {
        Message: [
          { id: 'm1', ...first, subject: 'Hello, Wörld', labels: ['INBOX', 'READ'], size: 512 },
        ],
      },
      checkpoint: { history: 15 },
    },
    {
      asks: [
        {
          ask: 'GET /v1/users/me/messages?labelIds=INBOX,work/urgent&sinceHistory=15&format=full' +
            '&max_results=2',
          answer: {},
        },
      ],
      checkpoint: { history: 15 },
    },
  ],
};
