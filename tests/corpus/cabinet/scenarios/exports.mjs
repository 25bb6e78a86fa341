export default {
  runs: [
    {
      asks: [
        {
          ask: 'GET /export/sheets/1.csv',
          host: 'content.cabinet.example',
          headers: { accept: 'text/csv', 'x-sheet-format': 'plain' },
          text: 'id,name,amount\nr1,Tea,3\nr2,42,0.50\n',
        },
      ],
      records: {
        Row: [
          { id: 'r1', cells: { id: 'r1', name: 'Tea', amount: '3' } },
          { id: 'r2', cells: { id: 'r2', name: '42', amount: '0.50' } },
        ],
      },
    },
  ],
};
