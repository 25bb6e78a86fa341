const step = (variant, site, id) => ({
  variant,
  asks: [
    {
      ask: `GET /absences?site=${site}&size=50&via=roster`,
      answer: [{ id, from: '2025-03-29', to: '2025-04-02' }],
    },
  ],
  records: { Absence: [{ id: `${site}/${id}`, days: 5, site }] },
  log: [['info', 'absences', { provider: 'bearer', kind: 'bearer' }]],
});

export default {
  runs: [step('base', 'all', 1), step('lyon', 'lyon', 2), step('oslo', 'oslo', 2)],
};
