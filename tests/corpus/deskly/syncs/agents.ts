import { createSync } from 'nango';
import * as z from 'zod';

const Agent = z.object({ id: z.string(), name: z.string() });
const Metadata = z.object({ brand: z.string().min(2), groups: z.array(z.number()).optional() });

// Wants to know from the connection's metadata which brand it is about.
export default createSync({
  description: 'Copies the agents of a brand',
  version: '1.0.0',
  frequency: 'every day',
  autoStart: false,
  models: { Agent },
  metadata: Metadata,
  exec: async (nango) => {
    const metadata = await nango.getMetadata();
    if (!metadata) {
      throw new nango.ActionError({ code: 'no_brand', message: 'The connection names no brand' });
    }
    const input = await nango.zodValidateInput({ zodSchema: Metadata, input: metadata });
    const { brand, groups } = input.data;
    const { data } = await nango.get({
      endpoint: `/brands/${brand}/agents`, params: { groups }, retries: 3,
    });
    await nango.batchSave(data, 'Agent');
  },
});
