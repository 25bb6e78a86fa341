import { createSync } from 'nango';
import * as z from 'zod';

const Level = z.object({ id: z.string(), count: z.number() });

// A connection that breaks off is tried again, and so is an answer of 500.
export default createSync({
  description: 'Copies stock levels from a shaky system',
  version: '1.0.0',
  frequency: 'every 5 minutes',
  autoStart: true,
  models: { Level },
  exec: async (nango) => {
    const levels: z.infer<typeof Level>[] = [];
    for (const shop of ['a', 'b']) {
      try {
        const { data } = await nango.get<Record<string, number>>({
          endpoint: `/levels/${shop}`,
          retries: shop === 'a' ? 1 : 0,
          retryHeader: { after: 'retry-in' },
          decompress: true,
        });
        for (const [id, count] of Object.entries(data)) levels.push({ id: `${shop}:${id}`, count });
      } catch (error: any) {
        const { code, response } = error;
        await nango.log(
          `shop ${shop}`,
          { code, status: response?.status ?? null },
          { level: 'error' },
        );
      }
    }
    await nango.batchSave(levels, 'Level');
  },
});
