import { createSync } from 'nango';
import * as z from 'zod';

const Pipeline = z.object({ id: z.string(), status: z.string(), duration: z.number().nullable() });

// The provider says 409 while it computes, and tells in a header when to come back.
export default createSync({
  description: 'Copies pipelines from a provider that is often busy',
  version: '1.0.0',
  frequency: 'every 5 minutes',
  autoStart: true,
  models: { Pipeline },
  exec: async (nango) => {
    const { data } = await nango.get({
      endpoint: '/pipelines',
      params: { status: ['running', 'failed'] },
      retries: 10,
      retryOn: [409],
      retryHeader: { at: 'x-ready-at', after: 'x-ready-in' },
    });
    await nango.batchSave(
      data.map(({ id, status, duration = null }: any) => ({ id: id.toString(), status, duration })),
      'Pipeline',
    );
  },
});
