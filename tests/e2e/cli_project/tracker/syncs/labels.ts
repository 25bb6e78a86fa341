import { createSync } from 'nango';
import * as z from 'zod';

export default createSync({
  description: 'Labels of a tracker',
  frequency: 'every day',
  autoStart: false,
  models: { Label: z.object({ id: z.string() }) },
  exec: async (nango) => {
    await nango.batchSave([{ id: nango.variant }], 'Label');
  },
});
