const folders = { reports: 'fo-1', photos: 'fo-2' };

export default {
  metadata: { folders },
  runs: [
    { log: [['warn', 'no folder for base']] },
    {
      variant: 'reports',
      asks: [
        {
          ask: 'GET /drive/v2/folders/fo-1/children',
          answer: { children: [{ id: 'x', name: 'Q1' }], cursor: 5 },
        },
        {
          ask: 'GET /drive/v2/folders/fo-1/children?cursor=5',
          answer: { children: [{ id: 'y', name: 'Q2' }], cursor: null },
        },
      ],
      records: {
        Content: [
          { id: 'x', folder: 'fo-1', name: 'Q1' }, { id: 'y', folder: 'fo-1', name: 'Q2' },
        ],
      },
      metadata: { folders, 'reports.found': 2 },
    },
    {
      variant: 'photos',
      asks: [
        {
          ask: 'GET /drive/v2/folders/fo-2/children',
          answer: { children: [{ id: 'x', name: 'Beach' }] },
        },
      ],
      records: { Content: [{ id: 'x', folder: 'fo-2', name: 'Beach' }] },
      metadata: { folders, 'reports.found': 2, 'photos.found': 1 },
    },
  ],
};
