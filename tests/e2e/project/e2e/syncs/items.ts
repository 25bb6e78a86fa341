import { createSync } from 'nango';
import * as z from 'zod';

const Item = z.object({ id: z.string(), variant: z.string(), number: z.number() });

// Saves as many items as the connection's metadata says for the variant, and goes on from there.
export default createSync({
  description: 'Saves numbered items',
  version: '1.0.0',
  frequency: 'every 1d',
  autoStart: false,
  models: { Item },
  checkpoint: z.object({ next: z.number() }),
  exec: async (nango) => {
    const metadata = await nango.getMetadata();
    const count = metadata?.[`${nango.variant}.count`] ?? metadata?.count ?? 3;
    const next = (await nango.getCheckpoint())?.next ?? 0;
    const items = [];
    for (let number = next; number < next + count; number += 1) {
      items.push({ id: `item-${number}`, variant: nango.variant, number });
    }
    await nango.batchSave(items, 'Item');
    await nango.saveCheckpoint({ next: next + count });
  },
});
