import { createSync } from 'nango';
import * as z from 'zod';

const Package = z.object({
  id: z.string(),
  name: z.string(),
  version: z.string(),
  section: z.string(),
  architecture: z.string(),
  priority: z.string(),
  maintainer: z.string(),
  installed_size: z.number(),
  size: z.number(),
  description: z.string(),
  source: z.string().optional(),
  depends: z.string().optional(),
  homepage: z.string().optional(),
  filename: z.string().optional(),
  sha256: z.string(),
  changed_at: z.string(),
});

interface Page {
  packages: z.infer<typeof Package>[];
  next_cursor: string | null;
}

export default createSync({
  description: 'Copies the packages of one section of the Debian archive',
  version: '1.0.0',
  frequency: 'every day',
  autoStart: false,
  models: { Package },
  checkpoint: z.object({ cursor: z.string() }),
  // A section such as contrib/net cannot be a variant's name, so the connection says which section
  // each variant stands for.
  metadata: z.object({ sections: z.record(z.string(), z.string()) }),

  exec: async (nango) => {
    const metadata = await nango.getMetadata();
    const section = metadata?.sections?.[nango.variant];
    if (!section) {
      await nango.log(`the variant ${nango.variant} stands for no section: nothing to copy`);
      return;
    }

    let cursor = (await nango.getCheckpoint())?.cursor ?? null;
    let saved = cursor !== null;
    do {
      const { data } = await nango.get<Page>({
        endpoint: '/packages',
        params: { section, limit: 250, ...(cursor && { cursor }) },
        retries: 10,
        retryHeader: { after: 'retry-after' },
      });
      await nango.batchSave(data.packages, 'Package');
      cursor = data.next_cursor;
      if (cursor) {
        await nango.saveCheckpoint({ cursor });
        saved = true;
      }
    } while (cursor);
    if (saved) await nango.clearCheckpoint();
  },
});
