import { createSync } from 'nango';
import * as z from 'zod';

const Item = z.object({ id: z.string(), name: z.string() });
const Seen = z.object({ id: z.string(), value: z.any() });

// Uses each part of the script API, and saves under `Seen` what it saw.
export default createSync({
  description: 'Uses everything',
  version: '1.0.0',
  frequency: 'every 1d',
  autoStart: false,
  models: { Item, Seen },
  checkpoint: z.object({ runs: z.number() }),
  exec: async (nango) => {
    console.log('this goes nowhere, and harms nobody');
    const before = await nango.getCheckpoint();
    const metadata = await nango.getMetadata();
    await nango.trackDeletesStart('Item');
    const items: { id: string; name: string }[] = [];
    for await (const page of nango.paginate<{ id: string; name: string }>({
      endpoint: '/items',
      paginate: {
        type: 'cursor', cursor_path_in_response: 'next', cursor_name_in_request: 'after',
        response_path: 'items',
      },
    })) items.push(...page);
    await nango.batchSave(items, 'Item');
    await nango.trackDeletesEnd('Item');
    await nango.log('saved', { level: 'info' });
    await nango.saveCheckpoint({ runs: (before?.runs ?? 0) + 1 });
    await nango.batchSave([
      { id: 'variant', value: nango.variant },
      { id: 'metadata', value: metadata },
      { id: 'checkpoint', value: before ?? null },
      { id: 'lastSyncDate', value: nango.lastSyncDate?.toISOString() ?? null },
    ], 'Seen');
  },
});
