import { createSync } from 'nango';
import * as z from 'zod';

const Mark = z.object({ id: z.string() });

const behaviours: Record<string, (nango: any) => Promise<void>> = {
  good: async () => {},
  throw: async () => {
    throw new Error('the fifth item is broken');
  },
  loop: async () => {
    for (;;);
  },
  wait: async (nango) => {
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      await nango.getMetadata();
    }
  },
  steps: async (nango) => {
    for (let step = (await nango.getCheckpoint())?.step ?? 0; step < 40; step += 1) {
      await nango.batchSave([{ id: `step-${step}` }], 'Mark');
      await nango.saveCheckpoint({ step: step + 1 });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  },
  tell: async (nango) => {
    for (const word of ['one', 'two', 'three']) await nango.log(`line ${word}`);
  },
  memory: async () => {
    const kept: number[][] = [];
    for (;;) kept.push(new Array(1_000_000).fill(kept.length + 0.5));
  },
};

// Leaves a mark, and then does what the connection's metadata says for the variant.
export default createSync({
  description: 'Behaves well or badly',
  version: '1.0.0',
  frequency: 'every 1d',
  autoStart: false,
  models: { Mark },
  checkpoint: z.object({ step: z.number() }),
  exec: async (nango) => {
    await nango.batchSave([{ id: 'began' }], 'Mark');
    const metadata = await nango.getMetadata();
    await behaviours[metadata?.[`${nango.variant}.behaviour`] ?? 'good'](nango);
    await nango.batchSave([{ id: 'ended' }], 'Mark');
  },
});
