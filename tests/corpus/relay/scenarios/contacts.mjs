const page = (from, rows) => ({
  ask: 'POST /v2/contacts/search?lang=en',
  json: { where: [{ field: 'deleted', is: false }], page: { from, size: 2 } },
  answer: { hits: [{ rows }] },
});

export default {
  runs: [
    {
      asks: [
        page(0, [
          { key: 1, first: 'Ann', last: 'Lee', email: 'ann@field.example', score: '7.5' },
          { key: 2, last: 'Bo', score: 0, tags: ['vip'] },
        ]),
        page(2, [{ key: 3, first: 'Cy', score: true }, { key: 4, score: '1e3' }]),
        page(4, []),
      ],
      records: {
        Contact: [
          { id: 'contact-1', name: 'Ann Lee', email: 'ann@field.example', score: 7.5, tags: [] },
          { id: 'contact-2', name: 'Bo', score: 0, tags: ['vip'] },
          { id: 'contact-3', name: 'Cy', score: 1, tags: [] },
          { id: 'contact-4', name: '', score: 1000, tags: [] },
        ],
      },
    },
    {
      asks: [page(0, [{ key: 4, score: 1001 }])],
      changed: { Contact: [{ id: 'contact-4', name: '', score: 1001, tags: [] }] },
      deleted: { Contact: ['contact-1', 'contact-2', 'contact-3'] },
    },
  ],
};
