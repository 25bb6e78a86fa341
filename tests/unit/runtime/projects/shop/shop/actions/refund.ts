import { createAction } from 'nango';
import * as z from 'zod';

export default createAction({
  description: 'Gives the money of an order back',
  version: '2.0.0',
  scopes: ['orders:write'],
  input: z.object({ id: z.string() }),
  output: z.object({ refunded: z.boolean() }),
  exec: async (nango, input) => {
    const { data } = await nango.post({ endpoint: `/orders/${input.id}/refund` });
    return { refunded: data.done };
  },
});
