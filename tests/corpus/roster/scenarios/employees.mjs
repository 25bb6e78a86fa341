const home = { kind: 'home', street: 'Main St 1', geo: [1.5, -2] };
const record = (id, name, more) => ({
  id,
  name,
  born: null,
  grade: 1,
  kind: 'employee',
  addresses: {},
  ...more,
});

export default {
  runs: [
    {
      asks: [
        {
          ask: 'GET /employees?offset=100',
          answer: {
            items: [
              {
                uid: 1,
                names: ['Ann', 'Lee'],
                birthday: '1990-02-03',
                level: 3,
                addresses: [home],
                custom: { shirt: 'M' },
              },
              { uid: 2, names: ['Bo'], addresses: [], custom: null },
            ],
          },
        },
        {
          ask: 'GET /employees?offset=102',
          answer: { items: [{ uid: 3, names: ['Cy'], addresses: [] }] },
        },
        { ask: 'GET /employees?offset=103', answer: { items: [] } },
      ],
      records: {
        Employee: [
          record('e1', 'Ann Lee', {
            born: '1990-02-03T00:00:00.000Z',
            grade: 3,
            shirt: 'M',
            addresses: { home: { street: 'Main St 1', geo: [1.5, -2] } },
          }),
          record('e2', 'Bo'),
          record('e3', 'Cy'),
        ],
      },
    },
    {
      asks: [{ ask: 'GET /employees?offset=100', answer: { items: [{ uid: 1, names: [] }] } }],
      fails: { type: 'script_internal_error', says: /names/, at: /employees\.ts:46:/ },
    },
    {
      asks: [
        {
          ask: 'GET /employees?offset=100',
          answer: { items: [{ uid: 3, names: ['Cy'], addresses: [] }] },
        },
        { ask: 'GET /employees?offset=101', answer: {} },
      ],
      deleted: { Employee: ['e1', 'e2'] },
    },
  ],
};
