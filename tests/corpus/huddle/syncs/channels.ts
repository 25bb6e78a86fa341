import { createSync } from 'nango';
import * as z from 'zod';

const Channel = z.object({
  id: z.string(),
  name: z.string(),
  topic: z.string().nullable(),
  isPrivate: z.boolean(),
  members: z.number().optional(),
});

// This provider answers 200 with `ok: false` when something is wrong.
export default createSync({
  description: 'Copies the channels of a workspace',
  version: '1.0.0',
  frequency: 'every 3 hours',
  autoStart: true,
  models: { Channel },
  exec: async (nango) => {
    await nango.trackDeletesStart('Channel');
    const pages = nango.paginate<any>({
      endpoint: '/conversations.list',
      params: { types: ['public', 'private'], exclude_archived: true, team_id: null as any },
      paginate: {
        type: 'cursor',
        cursor_path_in_response: 'response_metadata.next_cursor',
        cursor_name_in_request: 'cursor',
        response_path: 'channels',
        on_page: async ({ response }: any) => {
          if (!response.data.ok) throw new Error(`the provider said ${response.data.error}`);
        },
      },
      retries: 3,
    });
    for await (const channels of pages) {
      await nango.batchSave(
        channels.map((one) => ({
          id: one.id,
          name: one.name,
          topic: one.topic?.value || null,
          isPrivate: Boolean(one.is_private),
          members: one.num_members,
        })),
        'Channel',
      );
    }
    await nango.trackDeletesEnd('Channel');
  },
});
