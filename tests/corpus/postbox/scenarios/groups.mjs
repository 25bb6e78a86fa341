const ids = ['g1', 'g2', 'g3', 'g4'];

export default {
  runs: [
    {
      anyOrder: true,
      asks: [
        { ask: 'GET /v1/groups', answer: { ids } },
        ...ids.map((id) => ({
          ask: `GET /v1/groups/${id}/members`,
          answer: [{ email: `z@${id}.example` }, { email: `a@${id}.example` }],
        })),
      ],
      records: {
        Group: ids.map((id) => ({ id, members: [`a@${id}.example`, `z@${id}.example`] })),
      },
    },
  ],
};
