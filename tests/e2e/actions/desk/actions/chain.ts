import { createAction } from 'nango';
import * as z from 'zod';

export default createAction({
  description: 'Calls itself until it may not',
  input: z.object({ depth: z.number() }),
  output: z.object({ depth: z.number() }),
  exec: async (nango, { depth }) => {
    try {
      const { providerConfigKey: key, connectionId } = nango;
      return await nango.triggerAction(key, connectionId, 'chain', { depth: depth + 1 });
    } catch {
      return { depth };
    }
  },
});
