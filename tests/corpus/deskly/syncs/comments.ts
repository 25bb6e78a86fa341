import { createSync } from 'nango';
import * as z from 'zod';

import { chunks } from '../../shared/walk.js';

const Comment = z.object({
  id: z.string(),
  ticket: z.string(),
  body: z.string(),
  version: z.number(),
});

// Fetches the bodies only of comments that are not known in their present version.
export default createSync({
  description: 'Copies comments that are new',
  version: '1.0.0',
  frequency: 'every hour',
  autoStart: true,
  models: { Comment },
  exec: async (nango) => {
    const { data } = await nango.get<any[]>({ endpoint: '/comments', retries: 3 });
    let fetched = 0;
    for (const part of chunks(data, 2)) {
      const known = await nango.getRecordsByIds(
        part.map(({ id }) => id),
        'Comment',
      );
      const fresh = part.filter(({ id, v }) => (known.get(id) as any)?.version !== v);
      const comments = [];
      for (const { id, v, ticket } of fresh) {
        const body = await nango.get<string>({ endpoint: `/comments/${id}`, responseType: 'text' });
        comments.push({ id: String(id), ticket: String(ticket), body: body.data, version: v });
      }
      if (comments.length > 0) await nango.batchSave(comments, 'Comment');
      fetched += comments.length;
    }
    const all: string[] = [];
    for await (const comment of nango.listRecords<any>('Comment')) all.push(comment.id);
    await nango.log('comments', { fetched, all: all.sort() });
  },
});
