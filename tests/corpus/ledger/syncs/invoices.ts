import { createSync } from 'nango';
import * as z from 'zod';

const Invoice = z.object({
  id: z.string(),
  cents: z.string(),
  lines: z.array(z.object({ text: z.string() })),
});

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

// Orders a report, waits until it is there, and reads it. Amounts are too large for numbers.
export default createSync({
  description: 'Copies invoices by way of a report',
  version: '1.0.0',
  frequency: 'every day',
  autoStart: true,
  models: { Invoice },
  exec: async (nango) => {
    const { data: report } = await nango.post<any>({
      endpoint: '/reports',
      data: { kind: 'invoices', columns: ['id', 'cents'], period: { year: 2025 } },
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      retries: 3,
    });
    let location: string | undefined;
    for (let tries = 0; !location && tries < 5; tries += 1) {
      if (tries > 0) await wait(5);
      const { headers } = await nango.get<any>({ endpoint: `/reports/${report.id}` });
      location = headers['x-location'];
    }
    if (!location) throw new Error('the report is not ready');
    const { data } = await nango.get<string>({ endpoint: location, responseType: 'text' });
    const invoices = data
      .split('\n')
      .filter(Boolean)
      .map((line) => {
        const [id = '', euros = '0', ...texts] = line.split('\t');
        return {
          id,
          cents: (BigInt(euros) * 100n).toString(),
          lines: texts.map((text) => ({ text })),
        };
      });
    await nango.batchSave(invoices, 'Invoice');
  },
});
