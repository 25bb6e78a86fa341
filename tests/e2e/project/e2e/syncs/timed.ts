import { createSync } from 'nango';
import * as z from 'zod';

const Tick = z.object({ id: z.string(), at: z.number() });

// Leaves a record for each run, with the time at which it ran.
export default createSync({
  description: 'Notes when it ran',
  version: '1.0.0',
  frequency: 'every 30s',
  autoStart: true,
  models: { Tick },
  checkpoint: z.object({ runs: z.number() }),
  exec: async (nango) => {
    const runs = ((await nango.getCheckpoint())?.runs ?? 0) + 1;
    await nango.batchSave([{ id: `run-${runs}`, at: Date.now() }], 'Tick');
    await nango.saveCheckpoint({ runs });
  },
});
