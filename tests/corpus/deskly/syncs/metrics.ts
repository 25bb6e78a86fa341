import { createSync } from 'nango';
import * as z from 'zod';

const Metric = z.object({
  id: z.string(),
  opened: z.object({ count: z.number(), first: z.string().optional() }),
  solved: z.object({ count: z.number() }).optional(),
});

// Whole metrics come once; afterwards only what has changed of them.
export default createSync({
  description: 'Copies metrics, and patches them',
  version: '1.0.0',
  frequency: 'every 5 minutes',
  autoStart: true,
  models: { Metric },
  checkpoint: z.object({ cursor: z.string().or(z.number()) }),
  exec: async (nango) => {
    const cursor = (await nango.getCheckpoint())?.cursor;
    const { data } = await nango.get({ endpoint: '/metrics', params: { cursor }, retries: 3 });
    if (cursor === undefined) await nango.batchSave(data.metrics, 'Metric');
    else await nango.batchUpdate(data.metrics, 'Metric');
    await nango.saveCheckpoint({ cursor: data.cursor });
  },
});
