import { createAction } from 'nango';
import * as z from 'zod';

export default createAction({
  description: 'Files an issue',
  version: '1.0.0',
  input: z.object({ title: z.string() }),
  output: z.object({ id: z.string() }),
  exec: async (nango, { title }) => {
    const { data } = await nango.post<{ id: number }>({ endpoint: '/issues', data: { title } });
    return { id: String(data.id) };
  },
});
