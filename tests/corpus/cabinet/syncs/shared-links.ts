import { createSync } from 'nango';
import * as z from 'zod';

const SharedLink = z.object({
  id: z.string(),
  url: z.string(),
  access: z.enum(['anyone', 'team', 'named']),
  page: z.number(),
});

// The answer says where the next page is; `on_page` keeps count.
export default createSync({
  description: 'Copies the links by which files are shared',
  version: '1.0.0',
  frequency: 'every 30 minutes',
  autoStart: true,
  models: { SharedLink },
  checkpoint: z.object({ pages: z.number(), last: z.string() }),
  exec: async (nango) => {
    let turned = 0;
    const config = {
      endpoint: '/links',
      params: { expand: 'access' },
      retries: 3,
      paginate: {
        type: 'link',
        link_path_in_response_body: 'links.next',
        response_path: 'value',
        on_page: async ({ nextPageParam, response }: any) => {
          turned += 1;
          await nango.saveCheckpoint({ pages: turned, last: String(nextPageParam ?? 'end') });
          await nango.log('page', { status: response.status, next: nextPageParam ?? null },
            { level: 'debug' });
        },
      },
    };
    for await (const links of nango.paginate<any>(config)) {
      const page = turned;
      await nango.batchSave(
        links.map(({ uid, url, access }) => ({ id: `${uid}`, url, access, page })),
        'SharedLink',
      );
    }
  },
});
