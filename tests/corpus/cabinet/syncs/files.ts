import { createSync } from 'nango';
import * as z from 'zod';

const File = z.object({
  id: z.string(),
  name: z.string(),
  size: z.union([z.number(), z.null()]),
  owner: z.object({ email: z.string() }).passthrough().nullable(),
  modified: z.string().nullish(),
  starred: z.boolean(),
});

// Counts its way through the list by the rows it got.
export default createSync({
  description: 'Copies the files of a drive',
  version: '1.3.0',
  frequency: 'every 1h',
  autoStart: true,
  trackDeletes: false,
  models: { File },
  exec: async (nango) => {
    await nango.trackDeletesStart('File');
    const pages = nango.paginate<any>({
      endpoint: '/files',
      params: { fields: ['id', 'name', 'owner'], trashed: false, team: undefined, q: "a 'b' & c" },
      retries: 10,
      paginate: {
        type: 'offset',
        offset_name_in_request: 'skip',
        response_path: 'entries',
        limit_name_in_request: 'top',
        limit: 3,
      },
    });
    for await (const entries of pages) {
      await nango.batchSave(
        entries.map((entry) => ({
          id: entry.id,
          name: entry.name,
          size: entry.size ?? null,
          owner: entry.owner ?? null,
          modified: entry.modified,
          starred: Boolean(entry.starred),
        })),
        'File',
      );
    }
    await nango.trackDeletesEnd('File');
  },
});
