import { createSync } from 'nango';
import * as z from 'zod';

// Asks the provider again and again until it says that this is enough.
export default createSync({
  description: 'Polls its provider',
  version: '1.0.0',
  frequency: 'every 1d',
  autoStart: false,
  models: { Poll: z.object({ id: z.string() }) },
  exec: async (nango) => {
    for (;;) {
      const { data } = await nango.get({ endpoint: `/poll/${nango.variant}`, retries: 3 });
      if (data.enough) return;
    }
  },
});
