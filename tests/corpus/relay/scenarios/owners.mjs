const owner = (id, team) => ({ id, name: `Owner ${id}`, team });

export default {
  metadata: { teams: ['old'], other: 1 },
  runs: [
    {
      asks: [{ ask: 'GET /v2/owners', answer: [owner('1', 'north'), owner('2', 'east')] }],
      records: { Owner: [owner('1', 'north'), owner('2', 'east')] },
      metadata: { teams: ['east', 'north'] },
      log: [['info', 'teams', { before: ['old'], after: ['east', 'north'] }]],
    },
  ],
};
