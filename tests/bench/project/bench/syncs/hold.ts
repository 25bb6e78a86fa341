import { createSync } from 'nango';
import * as z from 'zod';

const Row = z.object({ id: z.string(), text: z.string() });

// Does a little of everything and then stays, so that many runs are there at once.
export default createSync({
  description: 'Stays for as long as the metadata says',
  version: '1.0.0',
  frequency: 'every 1d',
  autoStart: false,
  models: { Row },
  checkpoint: z.object({ held: z.boolean() }),
  exec: async (nango) => {
    const metadata: any = await nango.getMetadata();
    const text = 'x'.repeat(100);
    const rows = Array.from({ length: 100 }, (_, i) => Row.parse({ id: `${i}`, text }));
    await nango.batchSave(rows, 'Row');
    await nango.saveCheckpoint({ held: true });
    await new Promise((resolve) => setTimeout(resolve, metadata.ms));
  },
});
