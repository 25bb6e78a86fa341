export default {
  runs: [
    {
      asks: [
        {
          ask: 'POST /api/users.presence',
          headers: { 'content-type': 'application/x-www-form-urlencoded;charset=utf-8' },
          form: { users: 'U1,U2', fresh: '1', token: 'xoxb-secret-3' },
          answer: { presence: { U1: { active: true }, U2: {} } },
        },
      ],
      records: { Presence: [{ id: 'U1', state: 'here' }, { id: 'U2', state: 'away' }] },
      log: [['debug', 'presence', { status: 200, kind: 'application/json' }]],
    },
  ],
};
