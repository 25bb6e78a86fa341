import { createAction } from 'nango';
import * as z from 'zod';

export default createAction({
  description: 'Closes a ticket at the provider',
  input: z.object({ id: z.number() }),
  output: z.object({ closed: z.number() }),
  exec: async (nango, input) => {
    const { data } = await nango.post({ endpoint: `/tickets/${input.id}/close` });
    await nango.log(`closed ${input.id}`);
    return { closed: data.id };
  },
});
