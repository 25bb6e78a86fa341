import { createSync } from 'nango';
import * as z from 'zod';

const Runner = z.object({ id: z.string(), name: z.string(), paused: z.boolean() });

// Registers a runner if there is none, wakes those that sleep, and removes those that are lost.
export default createSync({
  description: 'Keeps runners in order and copies them',
  version: '1.0.0',
  frequency: 'every 1h',
  autoStart: false,
  models: { Runner },
  exec: async (nango) => {
    const { data: runners } = await nango.get<any[]>({ endpoint: '/runners', retries: 3 });
    for (const runner of runners) {
      const endpoint = `/runners/${runner.id}`;
      if (runner.lost) {
        await nango.delete({ endpoint, data: { reason: 'lost' }, retries: 3 });
        await nango.batchDelete([{ id: String(runner.id) }], 'Runner');
        continue;
      }
      if (runner.paused) {
        const { data } = await nango.patch<any>({ endpoint, data: { paused: false } });
        Object.assign(runner, data);
      }
      await nango.put({ endpoint: `${endpoint}/heartbeat`, data: 'tick' });
      const { id, name, paused } = runner;
      await nango.batchSave([{ id: String(id), name, paused }], 'Runner');
    }
  },
});
