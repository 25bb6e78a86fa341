import { createSync } from 'nango';
import * as z from 'zod';

const Presence = z.object({ id: z.string(), state: z.literal(['away', 'here']) });

// The endpoint takes a form, and wants the token in it as well.
export default createSync({
  description: 'Copies who is there',
  version: '1.0.0',
  frequency: '30s',
  autoStart: false,
  models: { Presence },
  exec: async (nango) => {
    const token: any = await nango.getToken();
    const form = new URLSearchParams({ users: 'U1,U2', fresh: '1' });
    form.append('token', typeof token === 'string' ? token : token.apiKey);
    const { data, status, headers } = await nango.proxy<any>({
      method: 'POST',
      endpoint: '/users.presence',
      data: form,
    });
    const list = Object.entries<any>(data.presence).map(([id, one]) => ({
      id, state: one.active ? ('here' as const) : ('away' as const),
    }));
    await nango.batchSave(list, 'Presence');
    await nango.log('presence', { status, kind: headers['content-type'] }, { level: 'debug' });
  },
});
