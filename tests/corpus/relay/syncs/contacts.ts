import { createSync } from 'nango';
import * as z from 'zod';

const Contact = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string().email().optional(),
  score: z.coerce.number(),
  tags: z.array(z.string()).default([]),
});

// A search by POST whose offset stands in the body, as a number.
export default createSync({
  description: 'Copies contacts through the search',
  version: '1.0.0',
  frequency: 'every hour',
  autoStart: true,
  models: { Contact },
  exec: async (nango) => {
    await nango.trackDeletesStart('Contact');
    const config = {
      method: 'POST' as const,
      endpoint: '/v2/contacts/search',
      params: { lang: 'en' },
      data: { where: [{ field: 'deleted', is: false }], page: { from: 'ignored' } },
      retries: 3,
      paginate: {
        type: 'offset',
        offset_name_in_request: 'page.from',
        offset_start_value: 0,
        offset_calculation_method: 'by-response-size',
        response_path: 'hits[0].rows',
        limit_name_in_request: 'page.size',
        limit: 2,
      },
    };
    for await (const rows of nango.paginate<any>(config)) {
      const contacts = rows.map(({ key, first, last, ...rest }) =>
        Contact.parse({
          ...rest,
          id: `contact-${key}`,
          name: [first, last].filter(Boolean).join(' '),
        }),
      );
      await nango.batchSave(contacts, 'Contact');
    }
    await nango.trackDeletesEnd('Contact');
  },
});
