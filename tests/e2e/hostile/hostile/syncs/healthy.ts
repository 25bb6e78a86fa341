import { createSync } from 'nango';
import * as z from 'zod';

const Item = z.object({ id: z.string(), variant: z.string(), text: z.string() });

// Takes its items page by page, as ordinary scripts do, and goes on where it was broken off.
export default createSync({
  description: 'Copies the items of its variant',
  version: '1.0.0',
  frequency: 'every 1d',
  autoStart: false,
  models: { Item },
  checkpoint: z.object({ page: z.number() }),
  exec: async (nango) => {
    const variant = nango.variant;
    let page = (await nango.getCheckpoint())?.page ?? 0;
    for (let more = true; more; page += 1) {
      const { data } = await nango.get<any>({ endpoint: '/items', params: { variant, page } });
      await nango.batchSave(data.items, 'Item');
      await nango.saveCheckpoint({ page: page + 1 });
      more = data.more;
    }
  },
});
