const base = 'https://www.cabinet.example';
const link = (uid, access) => ({ uid, url: `https://go.example/${uid}`, access });
const record = (uid, access, page) => ({
  id: `${uid}`,
  url: `https://go.example/${uid}`,
  access,
  page,
});
const other = 'https://eu.cabinet.example/v9/links?cursor=xyz&top=1';

export default {
  runs: [
    {
      asks: [
        {
          ask: 'GET /drive/v2/links?expand=access',
          answer: { value: [link(1, 'anyone')], links: { next: '/links?page=2&expand=none' } },
        },
        {
          ask: 'GET /drive/v2/links?page=2&expand=none',
          answer: { value: [], links: { next: `${base}/elsewhere/links?page=3` } },
        },
        {
          ask: 'GET /elsewhere/links?page=3',
          answer: { value: [link(3, 'team')], links: { next: other } },
        },
        {
          ask: 'GET /v9/links?cursor=xyz&top=1',
          host: 'eu.cabinet.example',
          // The same link again ends the walk.
          answer: { value: [link(4, 'named')], links: { next: other } },
        },
      ],
      records: {
        SharedLink: [record(1, 'anyone', 0), record(3, 'team', 2), record(4, 'named', 3)],
      },
      checkpoint: { pages: 4, last: other },
      log: [
        ['debug', 'page', { status: 200, next: '/links?page=2&expand=none' }],
        ['debug', 'page', { status: 200, next: `${base}/elsewhere/links?page=3` }],
        ['debug', 'page', { status: 200, next: other }],
        ['debug', 'page', { status: 200, next: other }],
      ],
    },
  ],
};
