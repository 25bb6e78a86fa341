import { createSync } from 'nango';
import * as z from 'zod';

const File = z.object({ id: z.string(), folder: z.string() });

type Settings = { folder?: string };
type Varia = { getVariantSettings?: () => Promise<Settings> };

// The drives are what the connection's metadata says; each variant saves one file of its folder.
const sync = createSync({
  description: 'Saves a file of each drive',
  version: '1.0.0',
  frequency: 'every 1d',
  autoStart: true,
  models: { File },
  metadata: z.object({ drives: z.unknown() }),
  exec: async (nango) => {
    const { folder } = (await (nango as Varia).getVariantSettings?.()) ?? {};
    await nango.batchSave([{ id: nango.variant, folder: folder ?? 'none' }], 'File');
  },
  ...{
    partitions: async (nango: NangoSyncLocal) => {
      const { drives } = (await nango.getMetadata()) as { drives: unknown };
      if (drives === 'away') throw new Error('the drives are away');
      return drives;
    },
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;
