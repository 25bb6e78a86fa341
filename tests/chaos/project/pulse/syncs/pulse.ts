import { createSync } from 'nango';
import * as z from 'zod';

const Beat = z.object({ id: z.string(), number: z.number() });

// Saves a record with its checkpoint again and again, and tells the provider of each: what times
// how long nobody ran it. It ends when the provider says so.
export default createSync({
  description: 'Beats',
  version: '1.0.0',
  frequency: 'every 1d',
  autoStart: false,
  models: { Beat },
  checkpoint: z.object({ next: z.number() }),
  exec: async (nango) => {
    for (let next = ((await nango.getCheckpoint())?.next ?? 0) + 1; ; next += 1) {
      const beat = { id: 'beat', number: next };
      await (nango as any).batchSave([beat], 'Beat', { checkpoint: { next } });
      const { data } = await nango.post({
        endpoint: '/beat', data: { connection: nango.connectionId, variant: nango.variant, next },
        retries: 3,
      });
      if (data.over) return;
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
  },
});
