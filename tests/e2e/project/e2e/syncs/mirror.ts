import { createSync } from 'nango';
import * as z from 'zod';

const Page = z.object({ id: z.string() });

// Saves the ids that the connection's metadata has for the variant; what a run has not saved is
// deleted after it.
export default createSync({
  description: 'Mirrors a list',
  version: '1.0.0',
  frequency: 'every 1d',
  autoStart: false,
  trackDeletes: true,
  models: { Page },
  exec: async (nango) => {
    const metadata = await nango.getMetadata();
    const ids: string[] = metadata?.[`${nango.variant}.ids`] ?? [];
    await nango.batchSave(ids.map((id) => ({ id })), 'Page');
    if (metadata?.[`${nango.variant}.fails`]) throw new Error('the source broke off');
  },
});
