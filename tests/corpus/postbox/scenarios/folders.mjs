const ask = 'GET /v1/folders?recursive=true&kind=mail';

export default {
  runs: [
    {
      asks: [
        {
          ask,
          answer: {
            folders: [
              { id: 'in', display_name: 'Inbox', parent_id: null, total: 4 },
              { id: 'in-a', display_name: 'A', parent_id: 'in', total: 0 },
              { id: 'out', display_name: 'Out', total: 9 },
            ],
          },
        },
      ],
      records: {
        Folder: [
          { id: 'in', name: 'Inbox', total: 4 },
          { id: 'in-a', name: 'A', parent: 'in', total: 0 },
          { id: 'out', name: 'Out', total: 9 },
        ],
      },
      log: [['info', 'Folders: 3, gone: 0']],
    },
    {
      asks: [
        {
          ask,
          answer: {
            folders: [
              { id: 'in', display_name: 'Inbox', total: 5 },
              { id: 'out', display_name: 'Out', total: 9 },
            ],
          },
        },
      ],
      changed: { Folder: [{ id: 'in', name: 'Inbox', total: 5 }] },
      deleted: { Folder: ['in-a'] },
      log: [['info', 'Folders: 2, gone: 1']],
    },
  ],
};
