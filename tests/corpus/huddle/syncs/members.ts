import { createSync } from 'nango';
import * as z from 'zod';

const Member = z.object({
  id: z.string(),
  email: z.string().nullish(),
  role: z.enum(['owner', 'admin', 'member', 'guest']),
  profile: z.object({ title: z.string().optional() }).passthrough(),
});

const roleOf = (user: any) =>
  user.is_owner ? 'owner' : user.is_admin ? 'admin' : user.is_guest ? 'guest' : 'member';

// Pages are numbered from 1; a short page is the last.
export default createSync({
  description: 'Copies the members of a workspace',
  version: '1.0.0',
  frequency: 'every 1 day',
  autoStart: true,
  models: { Member },
  exec: async (nango) => {
    const config = {
      endpoint: 'users.list',
      retries: 3,
      paginate: {
        type: 'offset',
        offset_name_in_request: 'page',
        offset_start_value: 1,
        offset_calculation_method: 'per-page',
        response_path: 'data.users',
        limit_name_in_request: 'per_page',
        limit: 2,
      },
    };
    for await (const users of nango.paginate<any>(config)) {
      const members = users
        .filter((user) => !user.deleted)
        .map((user) => ({
          id: user.id, email: user.email, role: roleOf(user), profile: user.profile ?? {},
        }));
      await nango.batchSave(members, 'Member');
      const gone = users.filter((user) => user.deleted).map(({ id }) => ({ id }));
      if (gone.length > 0) await nango.batchDelete(gone, 'Member');
    }
  },
});
