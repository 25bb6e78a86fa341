const ask = 'GET /incidents.json';
const list = [{ id: 'i1', title: 'Down', resolved_at: 'now' }, { id: 'i2', title: 'Slow' }];

export default {
  runs: [
    {
      asks: [{ ask, answer: list.slice(0, 1) }],
      records: { Incident: [{ id: 'i1', title: 'Down', open: false }] },
      log: [['info', 'incidents', { open: 0 }]],
    },
    {
      needs: ['updates::open'],
      anyOrder: true,
      asks: [
        { ask, answer: list },
        { ask: 'GET /updates.json?state=open', answer: [{ id: 9, text: 'looking into it' }] },
      ],
      changed: { Incident: [{ id: 'i2', title: 'Slow', open: true }] },
      also: [
        {
          sync: 'updates', variant: 'open',
          records: { Update: [{ id: '9', text: 'looking into it' }] },
        },
      ],
      log: [['info', 'incidents', { open: 1 }]],
    },
  ],
};
