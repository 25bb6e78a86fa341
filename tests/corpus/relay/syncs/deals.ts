import { createSync } from 'nango';
import * as z from 'zod';

const Amount = z.string().transform((text) => Number(text.replace(',', '.')));
const Stage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('open'), step: z.enum(['lead', 'offer', 'talks']) }),
  z.object({ kind: z.literal('won'), on: z.coerce.date() }),
  z.object({ kind: z.literal('lost'), because: z.string().default('unknown') }),
]);
const ProviderDeal = z.object({
  deal_id: z.union([z.number(), z.string()]).transform(String),
  amount: Amount,
  currency: z.string().length(3).catch('EUR'),
  stage: Stage,
  split: z.tuple([z.number(), z.number()]).refine(([a, b]) => a + b === 100, 'must add up to 100'),
});

const Deal = z.object({
  id: z.string(),
  amount: z.number(),
  currency: z.string(),
  stage: z.record(z.string(), z.unknown()),
  ours: z.number(),
});

// Takes what it understands, and says of the rest what is wrong with it.
export default createSync({
  description: 'Copies deals that can be understood',
  version: '4.0.0',
  frequency: 'every 30 minutes',
  autoStart: true,
  models: { Deal },
  exec: async (nango) => {
    const { data } = await nango.get<{ deals: unknown[] }>({ endpoint: '/v2/deals', retries: 3 });
    const deals: z.infer<typeof Deal>[] = [];
    for (const [i, one] of data.deals.entries()) {
      const result = ProviderDeal.safeParse(one);
      if (!result.success) {
        const paths = result.error.issues.map(({ path }) => path.join('.'));
        await nango.log(`deal ${i} left out`, { paths }, { level: 'warn' });
        continue;
      }
      const { deal_id: id, amount, currency, stage, split } = result.data;
      deals.push({ id, amount, currency, stage, ours: split[0] });
    }
    await nango.batchSave(deals, 'Deal');
  },
});
