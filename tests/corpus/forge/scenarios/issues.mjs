const issue = (iid, updated_at, more) => ({
  project_id: 7,
  iid,
  title: `Issue ${iid}`,
  state: 'opened',
  updated_at,
  ...more,
});
const record = (iid, updated, more) => ({
  id: `7#${iid}`,
  title: `Issue ${iid}`,
  state: 'opened',
  labels: [],
  updated,
  ...more,
});
const times = ['2025-01-01T00:00:00Z', '2025-01-02T01:00:00+01:00', '2025-01-03T00:00:00Z'];
const encoded = encodeURIComponent(times[1]);

export default {
  runs: [
    {
      asks: [
        {
          ask: 'GET /api/v4/issues?scope=all&sort=asc',
          answer: [issue(1, times[0])],
          answerHeaders: { link: '</api/v4/issues?page=2>; rel=next' },
        },
        {
          ask: 'GET /api/v4/api/v4/issues?page=2',
          answer: [issue(2, times[1], { labels: ['bug'] })],
        },
      ],
      records: { Issue: [record(1, times[0]), record(2, times[1], { labels: ['bug'] })] },
      checkpoint: { since: times[1] },
    },
    {
      asks: [
        {
          ask: `GET /api/v4/issues?scope=all&sort=asc&updated_after=${encoded}`,
          answer: [issue(1, times[2], { state: 'closed' })],
        },
      ],
      changed: { Issue: [record(1, times[2], { state: 'closed' })] },
      checkpoint: { since: times[2] },
    },
    {
      event: { type: 'issue', payload: { event: 'issue', issue: issue(3, times[0]) } },
      changed: { Issue: [record(3, times[0])] },
      checkpoint: { since: times[2] },
      log: [['info', 'by webhook', { iid: 3 }]],
    },
    {
      event: { type: 'note', payload: { event: 'note', note: 1 } },
      checkpoint: { since: times[2] },
    },
    {
      event: { type: 'issue', payload: { event: 'issue' } },
      checkpoint: { since: times[2] },
      fails: { type: 'script_internal_error', at: /toIssue \(forge\/syncs\/issues\.ts:15:/ },
    },
  ],
};
