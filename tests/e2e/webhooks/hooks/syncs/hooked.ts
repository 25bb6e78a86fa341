import { createSync } from 'nango';
import * as z from 'zod';

const Hook = z.object({ id: z.string(), variant: z.string() });

// Saves one record when it runs, and one for each webhook of its provider.
export default createSync({
  description: 'Listens to its provider',
  version: '1.0.0',
  frequency: 'every 1d',
  autoStart: false,
  models: { Hook },
  checkpoint: z.object({ count: z.number() }),
  webhookSubscriptions: ['order.created'],
  exec: async (nango) => {
    const metadata = await nango.getMetadata();
    if (metadata?.fails) throw new Error('the provider is away');
    const count = ((await nango.getCheckpoint())?.count ?? 0) + 1;
    await nango.batchSave([{ id: 'run', variant: nango.variant }], 'Hook');
    await nango.saveCheckpoint({ count });
  },
  onWebhook: async (nango, payload: any) => {
    await nango.batchSave([{ id: payload.id, variant: nango.variant }], 'Hook');
  },
});
