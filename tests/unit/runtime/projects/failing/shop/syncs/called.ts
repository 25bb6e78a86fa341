import { createSync } from 'nango';
import * as z from 'zod';

const Order = z.object({ id: z.string() });

// Fails in what is called back: by a page, a timer, or a webhook.
export default createSync({
  description: 'fails when it is called back',
  models: { Order },
  exec: async (nango) => {
    const paginate = {
      type: 'offset',
      offset_name_in_request: 'skip',
      on_page: async () => {
        throw new RangeError('turned too far');
      },
    };
    for await (const page of nango.paginate({ endpoint: '/orders', paginate })) {
      await nango.batchSave(page, 'Order');
    }
  },
  onWebhook: async (nango, payload) => {
    setTimeout(() => {
      throw new TypeError(`not expected: ${payload.kind}`);
    }, 1);
    await new Promise(() => {});
  },
});
