const ask = 'POST /api/conversations.history';
const post = (channel, ts, text, by = 'ann') => ({ id: `${channel}:${ts}`, channel, text, by });

export default {
  metadata: { 'quiet.anew': true },
  runs: [
    {
      variant: 'loud',
      asks: [
        {
          ask,
          json: { channel: 'loud' },
          answer: { messages: [{ ts: 1.5, text: 'a', user: 'ann' }], next: 'n1' },
        },
        {
          ask,
          json: { channel: 'loud', cursor: 'n1' },
          answer: {
            messages: [
              { ts: 3.25, text: 'b' },
              { ts: 2, text: 'c', user: 'ann' },
            ],
          },
        },
      ],
      records: {
        Post: [post('loud', 1.5, 'a'), post('loud', 2, 'c'), post('loud', 3.25, 'b', 'bot')],
      },
      checkpoint: { oldest: 3.25, done: true },
    },
    {
      variant: 'quiet',
      asks: [
        {
          ask,
          json: { channel: 'quiet' },
          answer: { messages: [{ ts: 9, text: '', user: 'bo' }] },
        },
      ],
      records: { Post: [post('quiet', 9, '', 'bo')] },
      checkpoint: { oldest: 9, done: true },
    },
    {
      variant: 'loud',
      asks: [
        {
          ask,
          json: { channel: 'loud', oldest: 3.25 },
          answer: { messages: [{ ts: 3.25, text: 'b, edited' }] },
        },
      ],
      changed: { Post: [post('loud', 3.25, 'b, edited', 'bot')] },
      checkpoint: { oldest: 3.25, done: true },
    },
    {
      variant: 'quiet',
      asks: [{ ask, json: { channel: 'quiet' }, answer: { messages: [] } }],
      checkpoint: { oldest: 0, done: true },
    },
  ],
};
