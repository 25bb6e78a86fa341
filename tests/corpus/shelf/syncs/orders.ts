import { createSync } from 'nango';
import * as z from 'zod';

const Order = z.object({ id: z.string(), total: z.number(), items: z.array(z.string()) });
const Customer = z.object({ id: z.string(), orders: z.number() });

// Two models out of one list, in parts that are saved together with the place reached.
export default createSync({
  description: 'Copies orders, and customers by what they ordered',
  version: '1.0.0',
  frequency: 'every 5 minutes',
  autoStart: true,
  models: { Order, Customer },
  checkpoint: z.object({ after: z.string(), full: z.boolean() }),
  exec: async (nango) => {
    const checkpoint = await nango.getCheckpoint();
    const counts = new Map<string, number>();
    const config = {
      endpoint: '/orders',
      params: { after: checkpoint?.after, statuses: ['paid', 'sent', undefined] },
      retries: 3,
      paginate: {
        type: 'cursor',
        cursor_path_in_response: 'page.cursor',
        cursor_name_in_request: 'after',
        response_path: 'page.orders',
        limit: 1000,
        limit_name_in_request: 'first',
      },
    };
    for await (const orders of nango.paginate<any>(config)) {
      for (const { customer } of orders) counts.set(customer, (counts.get(customer) ?? 0) + 1);
      await nango.batchSave(
        orders.map(({ id, lines }) => ({
          id,
          total: lines.reduce((sum: number, line: any) => sum + line.price * line.count, 0),
          items: lines.flatMap(({ sku, count }: any) => Array(count).fill(sku)),
        })),
        'Order',
        { checkpoint: { after: orders.at(-1).id, full: false } },
      );
    }
    const customers = Array.from(counts, ([id, orders]) => ({ id, orders }));
    if (customers.length > 0) await nango.batchSave(customers, 'Customer');
    const last = await nango.getCheckpoint();
    if (last) await nango.saveCheckpoint({ ...last, full: true });
  },
});
