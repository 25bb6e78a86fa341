import { createSync } from 'nango';
import * as z from 'zod';

const Order = z.object({
  id: z.string(),
  customer: z.string(),
  total: z.number(),
  currency: z.string(),
  created_at: z.string(),
});

export default createSync({
  description: 'Copies the orders of a shop; a variant copies those from its threshold up',
  version: '1.0.0',
  frequency: 'every hour',
  autoStart: false,
  models: { Order },
  metadata: z.record(z.string(), z.number()),

  exec: async (nango) => {
    const metadata = await nango.getMetadata();
    const threshold = metadata?.[`${nango.variant}.threshold`] ?? 0;

    const pages = nango.paginate<z.infer<typeof Order>>({
      endpoint: '/orders',
      paginate: {
        type: 'cursor',
        cursor_path_in_response: 'next_cursor',
        cursor_name_in_request: 'cursor',
        response_path: 'orders',
        limit_name_in_request: 'limit',
        limit: 50,
      },
      retries: 3,
    });
    for await (const orders of pages) {
      await nango.batchSave(orders.filter((order) => order.total >= threshold), 'Order');
    }
  },
});
