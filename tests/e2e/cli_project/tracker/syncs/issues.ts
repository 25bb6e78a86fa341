import { createSync } from 'nango';
import * as z from 'zod';
import { toIssue, type RawIssue } from '../../shared/shape.js';

const Issue = z.object({ id: z.string(), title: z.string() });

export default createSync({
  description: 'Issues of a tracker',
  frequency: 'every hour',
  autoStart: false,
  models: { Issue },
  metadata: z.object({ prefix: z.string() }),
  checkpoint: z.object({ page: z.number() }),
  exec: async (nango) => {
    const { prefix } = (await nango.getMetadata()) ?? { prefix: '' };
    const { provider } = await nango.getIntegration();
    const { connection_id: connection } = await nango.getConnection();
    const variables = await nango.getEnvironmentVariables();
    const checkpoint = await nango.getCheckpoint();
    await nango.log(`${connection} of ${provider}, ${variables?.length ?? 0} variables`);
    let page = checkpoint?.page ?? 0;
    const pages = nango.paginate<RawIssue>({
      endpoint: '/issues',
      retries: 1,
      paginate: {
        type: 'offset',
        offset_name_in_request: 'page',
        offset_start_value: page,
        offset_calculation_method: 'per-page',
        response_path: 'rows',
      },
    });
    for await (const rows of pages) {
      await nango.batchSave(rows.map((row) => toIssue(row, prefix, nango.variant)), 'Issue');
      page += 1;
      await nango.saveCheckpoint({ page });
    }
    await nango.clearCheckpoint();
  },
});
