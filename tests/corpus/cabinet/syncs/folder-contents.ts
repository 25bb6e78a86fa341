import { createSync } from 'nango';
import * as z from 'zod';

const Content = z.object({ id: z.string(), folder: z.string(), name: z.string() });

// One variant for each folder: its metadata says which folder, and is told how much was found.
export default createSync({
  description: 'Copies the contents of one folder',
  version: '1.0.0',
  frequency: 'every 5m',
  autoStart: false,
  models: { Content },
  metadata: z.object({ folders: z.record(z.string(), z.string()) }).catchall(z.number()),
  exec: async (nango) => {
    const metadata = await nango.getMetadata();
    const folder = metadata?.folders[nango.variant];
    if (!folder) {
      await nango.log(`no folder for ${nango.variant}`, { level: 'warn' });
      return;
    }
    let found = 0;
    const config = {
      endpoint: `/folders/${folder}/children`,
      retries: 3,
      paginate: {
        type: 'cursor',
        cursor_path_in_response: 'cursor',
        cursor_name_in_request: 'cursor',
        response_path: 'children',
      },
    };
    for await (const page of nango.paginate<any>(config)) {
      await nango.batchSave(page.map(({ id, name }) => ({ id, folder, name })), 'Content');
      found += page.length;
    }
    await nango.updateMetadata({ [`${nango.variant}.found`]: found });
  },
});
