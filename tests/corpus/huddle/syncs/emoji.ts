import { createSync } from 'nango';
import * as z from 'zod';

const Emoji = z.object({ id: z.string(), url: z.string() });
const Answer = z.object({ emoji: z.record(z.string(), z.string()) });

// The whole list comes in one answer; what it no longer has is forgotten.
export default createSync({
  description: 'Copies the emoji of a workspace',
  version: '1.0.0',
  frequency: 'every day',
  autoStart: true,
  models: { Emoji },
  exec: async (nango) => {
    const response = await nango.proxy({ method: 'GET', endpoint: '/emoji.list', retries: 10 });
    const { emoji } = Answer.parse(response.data);
    const list = Reflect.ownKeys(emoji).map((name) => ({
      id: String(name),
      url: emoji[String(name)],
    }));
    await nango.batchSave(list, 'Emoji');
    const { deletedKeys } = await nango.deleteRecordsFromPreviousExecutions('Emoji');
    if (deletedKeys.length > 0) await nango.log('forgotten', deletedKeys.toSorted());
  },
});
