import { createSync } from 'nango';
import * as z from 'zod';

// Says nothing of whether it starts by itself.
export default createSync({
  description: 'Waits to be started',
  version: '1.0.0',
  frequency: 'every 1h',
  models: { Quiet: z.object({ id: z.string() }) },
  exec: async () => {},
});
