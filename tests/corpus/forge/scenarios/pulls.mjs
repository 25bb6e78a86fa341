const details = (number, more) => ({
  number, title: `Pull ${number}`, additions: number * 10, reviewers: [], body: 'left out', ...more,
});
const listed = (number, day) => ({ number, updated_at: `2025-05-0${day}` });

export default {
  runs: [
    {
      asks: [
        { ask: 'GET /api/v4/pulls?state=all&page=1', answer: [listed(3, 3), listed(2, 2)] },
        {
          ask: 'GET /api/v4/pulls/3',
          answer: details(3, { reviewers: [{ login: 'ann' }, { login: 'bo', approved: true }] }),
        },
        { ask: 'GET /api/v4/pulls/2', answer: details(2, { additions: 'many' }) },
        { ask: 'GET /api/v4/pulls?state=all&page=2', answer: [listed(1, 1)] },
        { ask: 'GET /api/v4/pulls/1', answer: details(1) },
      ],
      records: {
        Pull: [
          { id: '1', title: 'Pull 1', additions: 10, reviewers: [] },
          {
            id: '3', title: 'Pull 3', additions: 30,
            reviewers: [{ login: 'ann', approved: false }, { login: 'bo', approved: true }],
          },
        ],
      },
      checkpoint: { newest: '2025-05-03' },
      log: [['warn', 'pull 2 is odd', 1]],
    },
    {
      asks: [
        { ask: 'GET /api/v4/pulls?state=all&page=1', answer: [listed(2, 4), listed(3, 3)] },
        { ask: 'GET /api/v4/pulls/2', answer: details(2) },
      ],
      changed: { Pull: [{ id: '2', title: 'Pull 2', additions: 20, reviewers: [] }] },
      checkpoint: { newest: '2025-05-04' },
    },
  ],
};
