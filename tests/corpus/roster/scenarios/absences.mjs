const step = (variant, site, id, size) => ({
  variant,
  asks: [
    {
      ask: `GET /absences?site=${site}&size=${size}&via=roster`,
      answer: [{ id, from: '2025-03-29', to: '2025-04-02' }],
    },
  ],
  records: { Absence: [{ id: `${site}/${id}`, days: 5, site }] },
  log: [['info', 'absences', { provider: 'bearer', kind: 'bearer' }]],
});

const setSize = ({ varia }) =>
  varia.call('PUT', '/varia/environment-variables/PAGE_SIZE', { body: { value: '7' } });

export default {
  runs: [
    step('base', 'all', 1, 50),
    { ...step('lyon', 'lyon', 2, 7), before: setSize },
    step('oslo', 'oslo', 2, 7),
  ],
};
