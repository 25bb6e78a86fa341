import { createSync } from 'nango';
import * as z from 'zod';

import { walk } from '../../shared/walk.js';

const Post = z.object({ id: z.string(), channel: z.string(), text: z.string(), by: z.string() });

// One variant for each channel. The metadata may ask a variant to begin anew.
export default createSync({
  description: 'Copies what was posted in a channel',
  version: '1.1.0',
  frequency: 'every 5 minutes',
  autoStart: false,
  models: { Post },
  checkpoint: z.object({ oldest: z.number(), done: z.boolean() }),
  exec: async (nango) => {
    const channel = nango.variant;
    const metadata: any = await nango.getMetadata();
    if (metadata?.[`${channel}.anew`]) await nango.clearCheckpoint();
    const checkpoint = await nango.getCheckpoint();
    let oldest = checkpoint?.oldest ?? 0;
    const posts = walk<any>(async (cursor) => {
      const { data } = await nango.post({
        endpoint: '/conversations.history',
        data: { channel, oldest: checkpoint?.oldest, cursor },
        retries: 3,
      });
      return { items: data.messages, next: data.next };
    });
    for await (const post of posts) {
      const id = `${channel}:${post.ts}`;
      await nango.batchSave([{ id, channel, text: post.text, by: post.user ?? 'bot' }], 'Post');
      oldest = Math.max(oldest, post.ts);
    }
    await nango.saveCheckpoint({ oldest, done: true });
  },
});
