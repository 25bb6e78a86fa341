import { createSync } from 'nango';
import * as z from 'zod';

const Rating = z.object({
  id: z.string(),
  score: z.number().int().min(1).max(5),
  comment: z.string().nullish(),
});

// The older way to ask for news: since the start of the last run that went well.
export default createSync({
  description: 'Copies ratings since the last run',
  version: '1.0.0',
  frequency: 'every hour',
  autoStart: true,
  syncType: 'incremental',
  models: { Rating },
  exec: async (nango) => {
    const since = nango.lastSyncDate;
    const { data } = await nango.get<z.infer<typeof Rating>[]>({
      endpoint: '/ratings',
      params: { ...(since && { since: since.toISOString() }), lastly: since instanceof Date },
      retries: 3,
    });
    await nango.batchSave(data, 'Rating');
  },
});
