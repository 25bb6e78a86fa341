import { createSync, type ProxyConfiguration } from 'nango';
import * as z from 'zod';

import { fromSeconds } from '../../shared/dates.js';

const Message = z.object({
  id: z.string(),
  thread: z.string(),
  subject: z.string().nullable(),
  from: z.string(),
  labels: z.array(z.string()),
  sentAt: z.string(),
  size: z.number().int(),
});

const Header = z.object({ name: z.string(), value: z.string() });
const ProviderMessage = z.object({
  id: z.string(),
  threadId: z.string(),
  history: z.number(),
  seconds: z.number(),
  labelIds: z.array(z.string()).optional(),
  sizeEstimate: z.number().optional(),
  headers: z.array(Header),
});

type Found = z.infer<typeof ProviderMessage>;

const header = (message: Found, name: string) =>
  message.headers.find((one) => one.name.toLowerCase() === name)?.value;

// Messages with the labels of the metadata; after the first time, those since the last one seen.
export default createSync({
  description: 'Copies messages with their headers',
  version: '1.0.2',
  frequency: 'every 5 minutes',
  autoStart: true,
  endpoints: [{ method: 'GET', path: '/postbox/messages' }],
  scopes: ['mail.read'],
  models: { Message },
  metadata: z.object({ labels: z.array(z.string()).optional() }),
  checkpoint: z.object({ history: z.number() }),
  exec: async (nango) => {
    const checkpoint = await nango.getCheckpoint();
    const metadata = await nango.getMetadata();
    let history = checkpoint?.history ?? 0;
    const config: ProxyConfiguration = {
      // https://docs.postbox.example/messages/list
      endpoint: '/users/me/messages',
      params: { labelIds: metadata?.labels, sinceHistory: checkpoint?.history, format: 'full' },
      paginate: {
        type: 'cursor',
        cursor_path_in_response: 'next_page_token',
        cursor_name_in_request: 'page_token',
        response_path: 'messages',
        limit_name_in_request: 'max_results',
        limit: 2,
      },
      retries: 3,
    };
    for await (const page of nango.paginate<unknown>(config)) {
      const found = page.map((one) => ProviderMessage.parse(one));
      await nango.batchSave(
        found.map((one) => ({
          id: one.id,
          thread: one.threadId,
          subject: header(one, 'subject') ?? null,
          from: header(one, 'from') ?? 'unknown',
          labels: one.labelIds ?? [],
          sentAt: fromSeconds(one.seconds),
          size: one.sizeEstimate ?? 0,
        })),
        'Message',
      );
      history = Math.max(history, ...found.map((one) => one.history));
    }
    if (history > 0) await nango.saveCheckpoint({ history });
  },
});
