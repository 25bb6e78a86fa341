import { createSync } from 'nango';
import * as z from 'zod';

const AutoOrder = z.object({ id: z.string() });
const AutoMark = z.object({ id: z.string() });

// Starts by itself; `mark_` in the name of the variant leaves a mark.
export default createSync({
  description: 'Orders that start by themselves',
  version: '1.0.0',
  frequency: 'every 1d',
  autoStart: true,
  models: { AutoOrder, AutoMark },
  exec: async (nango) => {
    if (nango.variant.startsWith('mark_')) {
      await nango.batchSave([{ id: `${nango.variant}-${Date.now()}` }], 'AutoMark');
    }
  },
});
