export default {
  runs: [
    {
      asks: [
        {
          ask: 'GET /v2/companies?count=2',
          answer: {
            objects: [
              { id: 1, name: 'One', domains: ['a.example', 'b.example', 'a.example'] },
              { id: 2, name: 'Two' },
            ],
            meta: { next: 'k1' },
          },
        },
        {
          ask: 'GET /v2/companies?count=2&after=k1',
          answer: { objects: [{ id: 3, name: 'Three', domains: [] }], meta: {} },
        },
        {
          ask: 'GET /v2/companies/archived?count=100',
          answer: { objects: [{ id: 2 }], meta: { next: 'k2' } },
        },
        { ask: 'GET /v2/companies/archived?count=100&after=k2', answer: { objects: [] } },
      ],
      records: {
        Company: [
          { id: '1', name: 'One', domains: ['a.example', 'b.example'] },
          { id: '3', name: 'Three', domains: [] },
        ],
      },
      deleted: { Company: ['2'] },
      result: { Company: { added: 3, updated: 0, deleted: 1 } },
    },
  ],
};
