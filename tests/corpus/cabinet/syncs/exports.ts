import { createSync } from 'nango';
import * as z from 'zod';

const Row = z.object({ id: z.string(), cells: z.record(z.string(), z.string()) });

// Exports come from another host than the API, as comma separated text.
export default createSync({
  description: 'Copies the rows of an exported sheet',
  version: '1.0.0',
  frequency: 'every week',
  autoStart: false,
  models: { Row },
  exec: async (nango) => {
    const { data } = await nango.get<string>({
      baseUrlOverride: 'https://content.cabinet.example/export',
      endpoint: '/sheets/1.csv',
      responseType: 'text',
      headers: { Accept: 'text/csv', 'X-Sheet-Format': 'plain' },
      retries: 5,
    });
    const [head = '', ...lines] = data.trim().split('\n');
    const names = head.split(',');
    const rows = lines.map((line) => {
      const cells = Object.fromEntries(line.split(',').map((cell, i) => [names[i], cell]));
      return { id: cells['id'] ?? '', cells };
    });
    await nango.batchSave(rows, 'Row');
  },
});
