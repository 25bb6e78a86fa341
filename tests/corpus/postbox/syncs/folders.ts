import { createSync } from 'nango';
import * as z from 'zod';

const Folder = z.object({
  id: z.string(),
  name: z.string(),
  parent: z.string().optional(),
  total: z.number(),
});

// A short list without pages. What is gone from it is deleted here, too.
export default createSync({
  description: 'Mirrors the folders of a mailbox',
  version: '1.0.0',
  frequency: 'every 6 hours',
  autoStart: true,
  syncType: 'full',
  models: { Folder },
  exec: async (nango) => {
    await nango.trackDeletesStart('Folder');
    const { data } = await nango.get<{ folders: any[] }>({
      endpoint: '/folders',
      params: 'recursive=true&kind=mail',
      retries: 3,
    });
    await nango.batchSave(
      data.folders.map((folder) => ({
        id: folder.id,
        name: folder.display_name,
        parent: folder.parent_id ?? undefined,
        total: folder.total,
      })),
      'Folder',
    );
    const { deletedKeys } = await nango.trackDeletesEnd('Folder');
    await nango.log(`Folders: ${data.folders.length}, gone: ${deletedKeys.length}`);
  },
});
