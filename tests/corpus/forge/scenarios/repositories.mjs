const first = 'GET /api/v4/groups/tools%2Finner/projects?order_by=id&simple=false&per_page=2';
const headers = { accept: 'application/vnd.forge+json' };
const project = (id, more) => ({
  id,
  path_with_namespace: `tools/inner/p${id}`,
  star_count: id,
  ...more,
});
const record = (id, more) => ({
  id: `${id}`,
  path: `tools/inner/p${id}`,
  archived: false,
  stars: id,
  topics: [],
  ...more,
});
const next = 'https://forge.example/api/v4/groups/5/projects?page=2&after=a,b%20c';

export default {
  config: { group: 'tools/inner' },
  runs: [
    {
      asks: [
        {
          ask: first,
          headers,
          answer: [project(1), project(2, { archived: true })],
          answerHeaders: { link: `<https://forge.example/x>; rel="first", <${next}>; rel="next"` },
        },
        {
          ask: 'GET /api/v4/groups/5/projects?page=2&after=a,b+c',
          headers,
          answer: [project(3, { topics: ['c', 'lua'] })],
          answerHeaders: { link: '<https://forge.example/x>; rel="first"' },
        },
      ],
      records: {
        Repository: [record(1), record(2, { archived: true }), record(3, { topics: ['c', 'lua'] })],
      },
    },
    { asks: [{ ask: first, headers, answer: [] }] },
  ],
};
