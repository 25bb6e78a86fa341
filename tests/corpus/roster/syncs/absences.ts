import { createSync } from 'nango';
import * as z from 'zod';

const Absence = z.object({ id: z.string(), days: z.number(), site: z.string() });

// One variant for each site; the address of the API is that of the integration.
export default createSync({
  description: 'Copies absences of a site',
  version: '1.0.0',
  frequency: 'every half hour',
  autoStart: true,
  models: { Absence },
  exec: async (nango) => {
    const integration = await nango.getIntegration();
    const variables = (await nango.getEnvironmentVariables()) ?? [];
    const size = variables.find(({ name }) => name === 'PAGE_SIZE')?.value ?? '50';
    const site = nango.variant === 'base' ? 'all' : nango.variant;
    const { data } = await nango.get({
      endpoint: '/absences', params: { site, size, via: integration.unique_key }, retries: 3,
    });
    const absences = data.map(({ id, from, to }: any) => {
      const days = Math.round((Date.parse(to) - new Date(from).getTime()) / 86_400_000) + 1;
      return { id: `${site}/${id}`, days, site };
    });
    await nango.batchSave(absences, 'Absence');
    await nango.log('absences', { provider: integration.provider, kind: nango.provider });
  },
});
