import { createSync } from 'nango';
import * as z from 'zod';

const Update = z.object({ id: z.string(), text: z.string().optional() });

// Which updates it is about is the name of the variant. Without a frequency it runs on demand.
export default createSync({
  description: 'Copies updates of incidents',
  version: '1.0.0',
  autoStart: false,
  models: { Update },
  exec: async (nango) => {
    const { data } = await nango.get<any>({
      endpoint: 'https://status.beacon.example/updates.json', params: { state: nango.variant },
    });
    await nango.batchSave(data.map(({ id, text }: any) => ({ id: `${id}`, text })), 'Update');
  },
});
