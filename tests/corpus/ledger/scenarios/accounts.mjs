export default {
  runs: [
    {
      asks: [
        {
          ask: 'GET /v3/accounts?fields=id,code&q=a%26b',
          answer: {
            accounts: [
              { uuid: 'u1', code: '0420', name: 'Cash', balance: 1.0 },
              { uuid: 'u2', code: '7x', name: 'Bank', balance: { eur: '1.00' } },
            ],
            next_page: '/v3/accounts?page=2&debug=1',
          },
        },
        {
          ask: 'GET /v3/accounts?page=2&size=2',
          answer: { accounts: [{ uuid: 'u3', code: '12', name: 'Tax', balance: null }] },
        },
      ],
      records: {
        Account: [
          { id: 'u1', code: 420, name: 'Cash', balance: 1 },
          { id: 'u2', code: 7, name: 'Bank', balance: { eur: '1.00' } },
          { id: 'u3', code: 12, name: 'Tax', balance: null },
        ],
      },
    },
  ],
};
