import { createSync } from 'nango';
import * as z from 'zod';

const Row = z.object({
  id: z.string(),
  number: z.number(),
  revision: z.number(),
  text: z.string(),
});
const bytes = 300;

// Saves `count` records of 300 bytes in batches of `batch`, as the metadata says.
export default createSync({
  description: 'Saves records as fast as it can',
  version: '1.0.0',
  frequency: 'every 1d',
  autoStart: false,
  models: { Row },
  exec: async (nango) => {
    const { count, batch, revision } = (await nango.getMetadata()) ?? {};
    for (let from = 0; from < count; from += batch) {
      const rows = [];
      for (let number = from; number < Math.min(count, from + batch); number += 1) {
        const row = { id: `row-${number}`, number, revision, text: '' };
        row.text = 'x'.repeat(bytes - JSON.stringify(row).length);
        rows.push(row);
      }
      await nango.batchSave(rows, 'Row');
    }
  },
});
