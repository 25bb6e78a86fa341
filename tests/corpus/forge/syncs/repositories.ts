import { createSync } from 'nango';
import * as z from 'zod';

const Repository = z.object({
  id: z.string(),
  path: z.string(),
  archived: z.boolean(),
  stars: z.int(),
  topics: z.array(z.string()),
});

// The group is part of the connection's configuration; the next page is told in a header.
export default createSync({
  description: 'Copies the repositories of a group',
  version: '1.0.0',
  frequency: 'every hour',
  autoStart: true,
  models: { Repository },
  exec: async (nango) => {
    const connection = await nango.getConnection();
    const { group } = connection.connection_config;
    if (!group) throw new Error(`the connection ${nango.connectionId} names no group`);
    const config = {
      endpoint: `/groups/${encodeURIComponent(group)}/projects`,
      params: { order_by: 'id', simple: false, per_page: 2 },
      headers: { Accept: 'application/vnd.forge+json' },
      retries: 10,
      paginate: { type: 'link', link_rel_in_response_header: 'next' },
    };
    for await (const projects of nango.paginate<any>(config)) {
      const repositories = projects.map((one) => ({
        id: String(one.id),
        path: one.path_with_namespace,
        archived: one.archived ?? false,
        stars: one.star_count,
        topics: one.topics ?? [],
      }));
      await nango.batchSave(repositories, 'Repository');
    }
  },
});
