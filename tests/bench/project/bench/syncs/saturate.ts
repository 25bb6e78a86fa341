import { createSync } from 'nango';
import * as z from 'zod';

const Row = z.object({ id: z.string(), text: z.string() });

// Saves the same records over and over, without a pause, for as long as the metadata says.
export default createSync({
  description: 'Takes all it can get',
  version: '1.0.0',
  frequency: 'every 1d',
  autoStart: false,
  models: { Row },
  exec: async (nango) => {
    const { ms }: any = await nango.getMetadata();
    const rows = Array.from({ length: 1000 }, (_, i) => ({ id: `${i}`, text: 'x'.repeat(250) }));
    for (const end = Date.now() + ms; Date.now() < end;) await nango.batchSave(rows, 'Row');
  },
});
