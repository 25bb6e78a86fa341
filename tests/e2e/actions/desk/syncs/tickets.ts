import { createSync } from 'nango';
import * as z from 'zod';

export default createSync({
  description: 'Saves what an action said',
  models: { Ticket: z.object({ id: z.string(), said: z.number() }) },
  exec: async (nango) => {
    const { providerConfigKey: key, connectionId } = nango;
    const said = await nango.triggerAction(key, connectionId, 'close', { id: 4 });
    await nango.batchSave([{ id: 't1', said: said.closed }], 'Ticket');
  },
});
