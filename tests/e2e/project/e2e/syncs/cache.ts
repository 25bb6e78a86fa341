import { createSync } from 'nango';
import * as z from 'zod';

const Note = z.object({ id: z.string() }).passthrough();
const Answer = z.object({ id: z.string(), value: z.any() });

async function listed(nango: any) {
  const ids: string[] = [];
  for await (const note of nango.listRecords('Note')) ids.push(note.id);
  return ids;
}

const steps: Record<string, (nango: any, given: any) => Promise<unknown>> = {
  save: (nango, notes) => nango.batchSave(notes, 'Note'),
  fill: (nango, count) => nango.batchSave(
    Array.from({ length: count }, (_, i) => ({ id: `n${i}`, i })), 'Note'),
  update: (nango, notes) => nango.batchUpdate(notes, 'Note'),
  remove: (nango, notes) => nango.batchDelete(notes, 'Note'),
  start: (nango) => nango.trackDeletesStart('Note'),
  end: async (nango) => (await nango.trackDeletesEnd('Note')).deletedKeys.toSorted(),
  forget: async (nango) =>
    (await nango.deleteRecordsFromPreviousExecutions('Note')).deletedKeys.toSorted(),
  respect: (nango) => nango.setMergingStrategy({ strategy: 'ignore_if_modified_after' }, 'Note'),
  find: async (nango, ids) => [...await nango.getRecordsByIds(ids, 'Note')],
  list: listed,
  load: (nango) => nango.getCheckpoint(),
  mark: (nango, checkpoint) => nango.saveCheckpoint(checkpoint),
  clear: (nango) => nango.clearCheckpoint(),
  fail: async () => {
    throw new Error('as told');
  },
};

// Does with its records what the connection's metadata says for the variant, as a list of
// `[step, what it is given]`, and saves under `answers` what the steps returned.
export default createSync({
  description: 'Does as it is told',
  version: '1.0.0',
  frequency: 'every 1d',
  autoStart: false,
  models: { Note, Answer },
  exec: async (nango) => {
    const metadata = await nango.getMetadata();
    const answers: unknown[] = [];
    for (const [step, given] of metadata?.[`${nango.variant}.steps`] ?? []) {
      answers.push((await steps[step](nango, given)) ?? null);
    }
    await nango.batchSave([{ id: 'answers', value: answers }], 'Answer');
  },
});
