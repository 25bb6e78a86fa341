import { createSync } from 'nango';
import * as z from 'zod';

const Payment = z.object({ id: z.string(), amount: z.number(), paidAt: z.date().or(z.string()) });

// What a webhook wrote while this ran is newer than what was fetched before, and must stay.
export default createSync({
  description: 'Copies payments without writing over newer ones',
  version: '1.0.0',
  frequency: 'every 5m',
  autoStart: false,
  models: { Payment },
  exec: async (nango) => {
    await nango.setMergingStrategy({ strategy: 'ignore_if_modified_after' }, 'Payment');
    const { data } = await nango.get<any[]>({ endpoint: '/payments', retries: 3 });
    const payments = data.map((one) => ({ ...one, paidAt: new Date(one.paidAt) }));
    await nango.batchSave(payments, 'Payment');
  },
});
