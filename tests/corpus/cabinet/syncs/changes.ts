import { createSync } from 'nango';
import * as z from 'zod';

const Entry = z.object({ id: z.string(), name: z.string(), version: z.number().int() });

type Change = { file_id: string; removed?: true; removed_at?: string; file?: any };

// Follows the change feed by its token. The token is saved after each page, so that a run that
// breaks off goes on there.
export default createSync({
  description: 'Follows what changes in a drive',
  version: '1.0.0',
  frequency: 'every 6min',
  autoStart: true,
  models: { Entry },
  checkpoint: z.object({ token: z.string(), pages: z.number().optional() }),
  exec: async (nango) => {
    let { token, pages = 0 } = (await nango.getCheckpoint()) ?? { token: '' };
    if (!token) {
      const start = await nango.get({ endpoint: '/changes/start-token', retries: 3 });
      token = start.data.token;
    }
    let more = true;
    while (more) {
      const { data } = await nango.get<any>({ endpoint: '/changes', params: { token } });
      const changes: Change[] = data.changes;
      const kept = changes.filter(({ removed }) => !removed);
      const gone = changes.filter(({ removed }) => removed);
      if (kept.length > 0) {
        const entries = kept.map(({ file_id, file }) => ({
          id: file_id, name: file.name, version: file.version,
        }));
        await nango.batchSave(entries, 'Entry');
      }
      if (gone.length > 0) {
        const entries = gone.map(({ file_id, removed_at }) => ({
          id: file_id, ...(removed_at && { deletedAt: removed_at }),
        }));
        await nango.batchDelete(entries, 'Entry');
      }
      token = data.next_token;
      pages += 1;
      more = data.has_more;
      await nango.saveCheckpoint({ token, pages });
    }
  },
});
