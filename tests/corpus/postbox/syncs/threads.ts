import { createSync } from 'nango';
import * as z from 'zod';

const Thread = z.object({
  id: z.string(),
  title: z.string(),
  messageCount: z.number(),
  unread: z.boolean(),
});

type Found = { key: number; title?: string; counts: { all: number; unread: number } };

// The search of this provider is a POST, and its pages are asked for in the body.
export default createSync({
  description: 'Copies mail threads through the search',
  version: '2.1.0',
  frequency: 'every hour',
  autoStart: true,
  models: { Thread },
  exec: async (nango) => {
    const config = {
      endpoint: 'search/threads',
      method: 'POST' as const,
      data: { filter: { archived: false, folders: ['inbox', 'sent'] }, search: { order: 'asc' } },
      paginate: {
        type: 'cursor',
        cursor_path_in_response: 'paging.next.token',
        cursor_name_in_request: 'search.page.token',
        response_path: 'paging.results',
        limit_name_in_request: 'search.page.size',
        limit: 2,
      },
      retries: 10,
    };
    for await (const threads of nango.paginate<Found>(config)) {
      await nango.batchSave(
        threads.map(({ key, title, counts }) => ({
          id: key.toString(),
          title: title?.trim() || '(no title)',
          messageCount: counts.all,
          unread: counts.unread > 0,
        })),
        'Thread',
      );
    }
  },
});
