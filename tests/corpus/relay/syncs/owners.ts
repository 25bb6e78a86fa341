import { createSync } from 'nango';
import * as z from 'zod';

const Owner = z.object({ id: z.string(), name: z.string(), team: z.string() });

// Names the teams in the connection's metadata, where other syncs find them.
export default createSync({
  description: 'Copies owners and tells their teams to the connection',
  version: '1.0.0',
  frequency: 'every day',
  autoStart: true,
  models: { Owner },
  metadata: z.object({ teams: z.array(z.string()).optional() }),
  exec: async (nango) => {
    const before = await nango.getMetadata();
    const { data } = await nango.get({ endpoint: '/v2/owners', retries: 3 });
    await nango.batchSave(data, 'Owner');
    const teams = [...new Set(data.map(({ team }: any) => team))].sort();
    await nango.setMetadata({ teams });
    const after: any = await nango.getMetadata();
    await nango.log('teams', { before: before?.teams ?? null, after: after.teams });
  },
});
