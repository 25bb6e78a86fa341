import { createSync } from 'nango';
import * as z from 'zod';

const Company = z.object({
  id: z.string(),
  name: z.string(),
  domains: z.set(z.string()).or(z.null()),
});
const Stored = z.object({
  id: z.string(),
  name: z.string(),
  domains: z.array(z.string()).nullable(),
});

// Says nothing of pages but how many rows they have: the rest are the rules of the provider.
export default createSync({
  description: 'Copies companies in the pages of the provider',
  version: '1.0.0',
  frequency: 'every 6 hours',
  autoStart: true,
  models: { Company: Stored },
  exec: async (nango) => {
    for await (const page of nango.paginate<any>({
      endpoint: '/v2/companies',
      paginate: { limit: 2 },
      retries: 3,
    })) {
      const companies = page.map(({ id, name, domains }) =>
        Company.parse({ id: `${id}`, name, domains: domains ? new Set(domains) : null }),
      );
      await nango.batchSave(
        companies.map((one) => ({ ...one, domains: one.domains && [...one.domains] })),
        'Company',
      );
    }
    for await (const [first] of nango.paginate<any>({ endpoint: '/v2/companies/archived' })) {
      await nango.batchDelete([{ id: `${first.id}` }], 'Company');
    }
  },
});
