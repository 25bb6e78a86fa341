import { createSync } from 'nango';
import * as z from 'zod';

// Notes when its first line ran.
export default createSync({
  description: 'Notes when it began',
  version: '1.0.0',
  frequency: 'every 1d',
  autoStart: false,
  models: { Nothing: z.object({ id: z.string() }) },
  checkpoint: z.object({ at: z.number() }),
  exec: async (nango) => {
    await nango.saveCheckpoint({ at: Date.now() });
  },
});
