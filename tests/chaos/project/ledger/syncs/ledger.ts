import { createSync } from 'nango';
import * as z from 'zod';

const Entry = z.object({ id: z.string(), number: z.number(), mark: z.string() });
const perBatch = 3;

// Writes numbered entries and says after each checkpoint how far it has come. The mark of an entry
// tells which execution of this function wrote it.
export default createSync({
  description: 'Writes a ledger',
  version: '1.0.0',
  frequency: 'every 1d',
  autoStart: false,
  models: { Entry },
  checkpoint: z.object({ next: z.number() }),
  exec: async (nango) => {
    const mark = Array.from({ length: 3 }, () => Math.random().toString(36).slice(2)).join('');
    const saved = await nango.getCheckpoint();
    let next = saved?.next ?? 0;
    for (let batch = 0; batch < 25; batch += 1) {
      const entries = Array.from({ length: perBatch }, (_, i) => ({
        id: `entry-${next + i}`, number: next + i, mark,
      }));
      next += perBatch;
      if (batch % 2 === 0) {
        await nango.batchSave(entries, 'Entry');
        await nango.saveCheckpoint({ next });
      } else {
        await (nango as any).batchSave(entries, 'Entry', { checkpoint: { next } });
      }
      await tell(nango, next, mark);
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
  },
});

// What is not heard is not counted as acknowledged; that a provider is out of reach harms nothing,
// and a run that is to end learns it from its next call.
async function tell(nango: any, next: number, mark: string) {
  const data = { connection: nango.connectionId, variant: nango.variant, next, mark };
  await nango.post({ endpoint: '/acknowledged', data, retries: 0 }).catch(() => {});
}
