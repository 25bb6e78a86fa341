import { createSync } from 'nango';
import * as z from 'zod';

const Rate = z.object({ id: z.string(), perEuro: z.number() });

// The rates come from a public place that must not see the customer's token.
export default createSync({
  description: 'Copies exchange rates from a public source',
  version: '1.0.0',
  frequency: 'every day',
  autoStart: true,
  models: { Rate },
  exec: async (nango) => {
    const response = await nango.uncontrolledFetch({
      url: new URL('https://rates.example/daily?base=EUR'),
      headers: { Accept: 'application/json' },
    });
    if (!response.ok) throw new Error(`the bank said ${response.status}`);
    const { rates }: any = await response.json();
    const list = Object.entries<number>(rates).map(([id, perEuro]) => ({ id, perEuro }));
    await nango.batchSave(list, 'Rate');
    const note = await nango.uncontrolledFetch({
      url: new URL('https://rates.example/seen'),
      method: 'POST',
      body: `rates=${list.length}`,
    });
    await nango.log(await note.text(), {
      status: note.status,
      kind: note.headers.get('content-type'),
    });
  },
});
