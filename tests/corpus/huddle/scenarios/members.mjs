const page = (number, users) => ({
  ask: `GET /api/users.list?page=${number}&per_page=2`,
  answer: { data: { users } },
});
const ann = {
  id: 'U1',
  email: 'ann@field.example',
  is_owner: true,
  profile: { title: 'Editor', x: [1] },
};
const bob = { id: 'U2', email: null, is_guest: 1, extra: 'not kept' };

export default {
  runs: [
    {
      asks: [page(1, [ann, bob]), page(2, [{ id: 'U3', is_admin: true }])],
      records: {
        Member: [
          {
            id: 'U1',
            email: 'ann@field.example',
            role: 'owner',
            profile: { title: 'Editor', x: [1] },
          },
          { id: 'U2', email: null, role: 'guest', profile: {} },
          { id: 'U3', role: 'admin', profile: {} },
        ],
      },
    },
    {
      asks: [page(1, [ann, { ...bob, deleted: true }]), page(2, [])],
      deleted: { Member: ['U2'] },
    },
  ],
};
