import { createSync } from 'nango';
import * as z from 'zod';

const Order = z.object({ id: z.string() });
const Mark = z.object({ id: z.string() });

// Does what the name of the variant says, as the recorded syncs did: `f<count>x<batch>` saves so
// many orders, `mark_` leaves a mark, `hang_` leaves one and does not end, `fail_` fails.
export default createSync({
  description: 'Orders',
  version: '1.0.0',
  frequency: 'every 1d',
  autoStart: false,
  models: { Order, Mark },
  exec: async (nango) => {
    const { variant } = nango;
    const [, count, batch] = /^f(\d+)x(\d+)$/.exec(variant) ?? [];
    for (let at = 0; at < Number(count ?? 0); at += Number(batch)) {
      const length = Math.min(Number(batch), Number(count) - at);
      await nango.batchSave(
        Array.from({ length }, (_, i) => ({ id: `ord_${String(at + i).padStart(8, '0')}` })),
        'Order');
    }
    if (variant.startsWith('fail_')) throw new Error('as told');
    if (variant.startsWith('mark_') || variant.startsWith('hang_')) {
      await nango.batchSave([{ id: `${variant}-${Date.now()}` }], 'Mark');
    }
    while (variant.startsWith('hang_')) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      await nango.getMetadata();
    }
  },
});
