import { createSync } from 'nango';
import * as z from 'zod';

// Asks the provider for one page after the other until it says that there are no more.
export default createSync({
  description: 'Asks as often as it may',
  version: '1.0.0',
  frequency: 'every 1d',
  autoStart: false,
  models: { Nothing: z.object({ id: z.string() }) },
  exec: async (nango) => {
    for (let more = true; more;) {
      const { data } = await nango.get<any>({
        endpoint: '/page', params: { variant: nango.variant }, retries: 10,
      });
      more = data.more;
    }
  },
});
