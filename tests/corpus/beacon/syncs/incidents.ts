import { createSync } from 'nango';
import * as z from 'zod';

const Incident = z.object({ id: z.string(), title: z.string(), open: z.boolean() });

// Wakes the sync of the updates for incidents that are open.
export default createSync({
  description: 'Copies incidents and has their updates copied',
  version: '1.0.0',
  frequency: 'every 5 minutes',
  autoStart: true,
  models: { Incident },
  exec: async (nango) => {
    const { data } = await nango.get<any[]>({ endpoint: '/incidents.json', retries: 3 });
    await nango.batchSave(
      data.map(({ id, title, resolved_at: end }) => ({ id, title, open: !end })), 'Incident',
    );
    const { providerConfigKey: key, connectionId: id } = nango;
    if (data.some(({ resolved_at: end }) => !end)) {
      await nango.startSync(key, ['updates'], id);
      await nango.triggerSync(key, id, { name: 'updates', variant: 'open' }, { reset: true });
    }
    await nango.log('incidents', { open: data.filter((one) => !one.resolved_at).length });
  },
});
