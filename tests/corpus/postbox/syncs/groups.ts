import { createSync } from 'nango';
import * as z from 'zod';

const Group = z.object({ id: z.string(), members: z.array(z.string()) });

// The members of all groups are fetched at once.
export default createSync({
  description: 'Copies contact groups with their members',
  version: '1.0.0',
  frequency: 'every half hour',
  autoStart: true,
  models: { Group },
  exec: async (nango) => {
    const { data } = await nango.get({ endpoint: '/groups', retries: 3 });
    const ids: string[] = data.ids;
    const groups = await Promise.all(
      ids.map(async (id) => {
        const answer = await nango.get({ endpoint: `/groups/${id}/members`, retries: 3 });
        return { id, members: answer.data.map((one: any) => one.email).sort() };
      }),
    );
    await nango.batchSave(groups, 'Group');
  },
});
