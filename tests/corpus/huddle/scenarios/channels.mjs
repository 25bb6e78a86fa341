const ask = (rest = '') =>
  `GET /api/conversations.list?types=public,private&exclude_archived=true${rest}`;
const general = { id: 'C1', name: 'general', topic: { value: 'All' }, num_members: 9 };
const record = { id: 'C1', name: 'general', topic: 'All', isPrivate: false, members: 9 };
const secret = { id: 'C2', name: 'secret', topic: { value: '' }, is_private: true };

export default {
  runs: [
    {
      asks: [
        {
          ask: ask(),
          answer: { ok: true, channels: [general], response_metadata: { next_cursor: 'dGVhbQ==' } },
        },
        {
          ask: ask('&cursor=dGVhbQ%3D%3D'),
          answer: { ok: true, channels: [secret], response_metadata: { next_cursor: '' } },
        },
      ],
      records: { Channel: [record, { id: 'C2', name: 'secret', topic: null, isPrivate: true }] },
    },
    {
      asks: [
        {
          ask: ask(),
          answer: { ok: false, error: 'fatal', channels: [general], response_metadata: {} },
        },
      ],
      fails: {
        type: 'script_internal_error', says: /^the provider said fatal$/,
        at: /huddle\/syncs\/channels\.ts:30:/,
      },
    },
    // What was gone is deleted once a run comes to its end.
    {
      asks: [{ ask: ask(), answer: { ok: true, channels: [general], response_metadata: null } }],
      deleted: { Channel: ['C2'] },
    },
  ],
};
