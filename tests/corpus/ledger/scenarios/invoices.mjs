export default {
  runs: [
    {
      asks: [
        {
          ask: 'POST /v3/reports',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body: 'kind=invoices&columns%5B%5D=id&columns%5B%5D=cents&period%5Byear%5D=2025',
          answer: { id: 'r-9' },
        },
        { ask: 'GET /v3/reports/r-9', answer: { state: 'working' } },
        {
          ask: 'GET /v3/reports/r-9', answer: { state: 'done' },
          answerHeaders: { 'x-location': '/files/r-9.tsv?sig=a%2Fb' },
        },
        {
          ask: 'GET /v3/files/r-9.tsv?sig=a/b',
          text: 'i1\t90071992547409931\tdesk\tlamp\ni2\t-5\n\n',
        },
      ],
      records: {
        Invoice: [
          { id: 'i1', cents: '9007199254740993100', lines: [{ text: 'desk' }, { text: 'lamp' }] },
          { id: 'i2', cents: '-500', lines: [] },
        ],
      },
    },
  ],
};
