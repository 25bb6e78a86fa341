import { createSync } from 'nango';
import * as z from 'zod';

// Ends well, or never, as the metadata says.
export default createSync({
  description: 'Keeps its process busy for ever, if told so',
  version: '1.0.0',
  frequency: 'every 1d',
  autoStart: false,
  models: { Nothing: z.object({ id: z.string() }) },
  exec: async (nango) => {
    const metadata: any = await nango.getMetadata();
    while (metadata?.hog);
  },
});
