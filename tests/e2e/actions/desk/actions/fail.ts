import { createAction } from 'nango';
import * as z from 'zod';

export default createAction({
  description: 'Fails in the way that is asked for',
  input: z.object({ how: z.string() }),
  output: z.void(),
  exec: async (nango, { how }) => {
    if (how === 'http') await nango.get({ endpoint: '/missing' });
    if (how === 'own') throw new nango.ActionError({ message: 'not today', until: 'monday' });
    if (how === 'large') return 'x'.repeat(3 << 20);
    throw new Error('plainly');
  },
});
