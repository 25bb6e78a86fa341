const log = [['info', 'export', { again: true, released: true, twice: false }]];
const step = (variant, id) => ({
  variant,
  asks: [{ ask: 'GET /departments/export', answer: [{ id, name: 'Research' }] }],
  records: { Department: [{ id, name: 'Research' }] },
  log,
});

// The second run also shows that a run gives back the locks it ends with.
export default { runs: [step('base', 'd1'), step('named', 'd2')] };
