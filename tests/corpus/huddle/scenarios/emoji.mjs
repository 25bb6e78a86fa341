const ask = 'GET /api/emoji.list';
const url = (name) => `https://cdn.example/${name}.png`;

export default {
  runs: [
    {
      asks: [{ ask, answer: { emoji: { tada: url('tada'), 100: url('100'), bow: url('bow') } } }],
      records: { Emoji: ['100', 'bow', 'tada'].map((id) => ({ id, url: url(id) })) },
    },
    {
      asks: [{ ask, answer: { emoji: { tada: url('tada2') } } }],
      changed: { Emoji: [{ id: 'tada', url: url('tada2') }] },
      deleted: { Emoji: ['100', 'bow'] },
      log: [['info', 'forgotten', { 0: '100', 1: 'bow' }]],
    },
    {
      asks: [{ ask, answer: { emoji: 'none' } }],
      fails: { type: 'script_internal_error', says: /emoji/ },
    },
  ],
};
