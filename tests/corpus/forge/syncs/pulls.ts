import { createSync } from 'nango';
import * as z from 'zod';

import { pullsSince } from '../lib/pulls.js';

const Pull = z.object({
  id: z.string(),
  title: z.string(),
  additions: z.number(),
  reviewers: z.array(z.object({ login: z.string(), approved: z.boolean().default(false) })),
});

class Newest {
  #value: string | undefined;

  see(value: string) {
    if (!this.#value || value > this.#value) this.#value = value;
  }

  get value() {
    return this.#value;
  }
}

// Lists pull requests and fetches the details of each.
export default createSync({
  description: 'Copies pull requests with their reviewers',
  version: '1.0.0',
  frequency: '5m',
  autoStart: true,
  models: { Pull },
  checkpoint: z.object({ newest: z.string() }),
  exec: async (nango) => {
    const known = (await nango.getCheckpoint())?.newest;
    const newest = new Newest();
    for await (const pull of pullsSince((config) => nango.get(config), known)) {
      const { data } = await nango.get({ endpoint: `/pulls/${pull.number}`, retries: 3 });
      const parsed = Pull.safeParse({ ...data, id: String(data.number) });
      if (parsed.success) await nango.batchSave([parsed.data], 'Pull');
      else
        await nango.log(`pull ${pull.number} is odd`, parsed.error.issues.length, {
          level: 'warn',
        });
      newest.see(pull.updated_at);
    }
    if (newest.value) await nango.saveCheckpoint({ newest: newest.value });
  },
});
