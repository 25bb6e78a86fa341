import { createSync, type ProxyConfiguration } from 'nango';
import * as z from 'zod';

const Ticket = z.object({
  id: z.string(),
  subject: z.string(),
  priority: z.enum(['low', 'normal', 'high']).nullable(),
  fields: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  raw: z.unknown(),
});

// Goes through an export by time. The place is saved after each page, so nothing is fetched twice.
export default createSync({
  description: 'Copies tickets by the time of their last change',
  version: '1.2.3',
  frequency: 'every 5 minutes',
  autoStart: true,
  models: { Ticket },
  checkpoint: z.object({ startTime: z.int(), pages: z.int() }),
  exec: async (nango) => {
    let { startTime, pages } = (await nango.getCheckpoint()) ?? { startTime: 0, pages: 0 };
    for (;;) {
      const config: ProxyConfiguration = {
        endpoint: '/incremental/tickets.json',
        params: { start_time: startTime, include: ['metrics', 'users'] },
        retries: 5,
      };
      const { data } = await nango.get<any>(config);
      const tickets = data.tickets.map((one: any) => ({
        id: `${one.id}`,
        subject: one.subject ?? '',
        priority: one.priority ?? null,
        fields: Object.fromEntries(one.custom_fields.map(({ id, value }: any) => [id, value])),
        raw: one.via,
      }));
      await nango.batchSave(tickets, 'Ticket');
      await nango.log(
        'page',
        { tickets: tickets.length, until: data.end_time },
        { level: 'debug' },
      );
      if (data.end_time) startTime = data.end_time;
      pages += 1;
      await nango.saveCheckpoint({ startTime, pages });
      if (data.end_of_stream) break;
    }
    await nango.log(['done', pages] as any, undefined, { level: 'warn' });
  },
});
