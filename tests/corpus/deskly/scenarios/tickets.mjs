const ask = (start) =>
  `GET /api/v2/incremental/tickets.json?start_time=${start}&include=metrics,users`;
const ticket = (id, more) => ({ id, subject: `T${id}`, custom_fields: [], ...more });

export default {
  runs: [
    {
      asks: [
        // The wait stands in a header that the integration names.
        { ask: ask(0), status: 500, text: 'oops', answerHeaders: { 'x-wait': '0.02' } },
        { ask: ask(0), status: 401, text: 'try again', answerHeaders: { 'x-wait': '0' } },
        {
          ask: ask(0),
          answer: {
            tickets: [
              ticket(1, {
                priority: 'high',
                via: { channel: 'web' },
                custom_fields: [
                  { id: 5, value: 'x' },
                  { id: 6, value: null },
                  { id: 7, value: 1 },
                ],
              }),
            ],
            end_time: 1700000000,
            end_of_stream: false,
          },
        },
        {
          ask: ask(1700000000),
          answer: { tickets: [ticket(2, { subject: null, via: [1, 2] })], end_of_stream: true },
        },
      ],
      records: {
        Ticket: [
          {
            id: '1',
            subject: 'T1',
            priority: 'high',
            fields: { 5: 'x', 6: null, 7: 1 },
            raw: { channel: 'web' },
          },
          { id: '2', subject: '', priority: null, fields: {}, raw: [1, 2] },
        ],
      },
      checkpoint: { startTime: 1700000000, pages: 2 },
      log: [
        ['debug', 'page', { tickets: 1, until: 1700000000 }],
        ['debug', 'page', { tickets: 1 }],
        ['warn', '["done",2]'],
      ],
    },
    {
      asks: [
        {
          ask: ask(1700000000),
          answer: { tickets: [], end_time: 1700000000, end_of_stream: true },
        },
      ],
      checkpoint: { startTime: 1700000000, pages: 3 },
      log: [
        ['debug', 'page', { tickets: 0, until: 1700000000 }],
        ['warn', '["done",3]'],
      ],
    },
  ],
};
