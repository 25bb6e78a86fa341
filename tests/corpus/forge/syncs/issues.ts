import { createSync } from 'nango';
import * as z from 'zod';

import { later } from '../../shared/dates.js';

const Issue = z.object({
  id: z.string(),
  title: z.string(),
  state: z.enum(['opened', 'closed']),
  labels: z.string().array(),
  updated: z.string(),
});

const toIssue = (one: any): z.infer<typeof Issue> => ({
  id: `${one.project_id}#${one.iid}`,
  title: one.title,
  state: one.state,
  labels: one.labels ?? [],
  updated: one.updated_at,
});

// Asks for what has changed since the newest issue it knows; a webhook brings single ones sooner.
export default createSync({
  description: 'Copies issues, also those that a webhook brings',
  version: '3.0.1',
  frequency: 'every half hour',
  autoStart: true,
  webhookSubscriptions: ['issue', 'note'],
  models: { Issue },
  checkpoint: z.object({ since: z.string() }),
  exec: async (nango) => {
    const checkpoint = await nango.getCheckpoint();
    let since = checkpoint?.since;
    const config = {
      endpoint: '/issues',
      params: { scope: 'all', updated_after: checkpoint?.since, sort: 'asc' },
      retries: 3,
      paginate: { type: 'link', link_rel_in_response_header: 'NEXT' },
    };
    for await (const page of nango.paginate<any>(config)) {
      const issues = page.map(toIssue);
      await nango.batchSave(issues, 'Issue');
      for (const issue of issues) since = later(since, issue.updated);
      if (since) await nango.saveCheckpoint({ since });
    }
  },
  onWebhook: async (nango, payload: any) => {
    if (payload.event !== 'issue') return;
    await nango.batchSave([toIssue(payload.issue)], 'Issue');
    await nango.log('by webhook', { iid: payload.issue.iid });
  },
});
