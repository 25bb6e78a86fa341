import { createSync } from 'nango';
import * as z from 'zod';

const Department = z.object({ id: z.string(), name: z.string() });

// The provider bears only one of these exports at a time, whoever asks.
export default createSync({
  description: 'Copies departments, one export at a time',
  version: '1.0.0',
  frequency: 'every 1h',
  autoStart: true,
  models: { Department },
  exec: async (nango) => {
    const key = `export:${nango.connectionId}`;
    if (!(await nango.tryAcquireLock({ key, ttlMs: 60_000 }))) {
      await nango.log('another export is under way', { level: 'warn' });
      return;
    }
    const again = await nango.tryAcquireLock({ key, ttlMs: 60_000 });
    try {
      const { data } = await nango.get({ endpoint: '/departments/export', retries: 3 });
      await nango.batchSave(data, 'Department');
    } finally {
      const released = await nango.releaseLock({ key });
      const twice = await nango.releaseLock({ key });
      await nango.log('export', { again, released, twice });
    }
    await nango.tryAcquireLock({ key: 'other', ttlMs: 60_000 });
    await nango.releaseAllLocks();
    if (!(await nango.tryAcquireLock({ key: 'other', ttlMs: 60_000 })))
      throw new Error('still held');
  },
});
