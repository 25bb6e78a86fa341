// `varia dev DIR` deploys the folder again when a file in it changes.

import assert from 'node:assert/strict';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { temporaryFolder, testProject, until, Varia } from './support.mjs';

test('a changed script is used by the next run, a broken one is not', async (t) => {
  const project = await temporaryFolder(t);
  await cp(testProject, project, { recursive: true });
  const script = join(project, 'e2e/syncs/items.ts');
  const original = await readFile(script, 'utf8');
  const varia = await Varia.start(t, { project });
  const connection = await varia.connect();
  await varia.create(connection, 'items', 'v');

  const idsAfterRun = async () => {
    await varia.run(connection, 'items', 'v', { opts: { reset: true, emptyCache: true } });
    return (await varia.records(connection, 'Item', 'v')).map(({ id }) => id).sort();
  };
  assert.deepEqual(await idsAfterRun(), ['item-0', 'item-1', 'item-2']);

  await writeFile(script, original.replaceAll('item-$', 'thing-$').replace('every 1d', 'every 2h'));
  await until(async () => (await idsAfterRun())[0] === 'thing-0',
    { timeout: 20_000, what: 'the changed script to run' });
  assert.equal((await varia.status(connection, 'items', 'v')).frequency, 'every 2h');

  await writeFile(script, `${original}\nthis is no TypeScript`);
  await until(() => /items\.ts/.test(varia.child.output),
    { timeout: 20_000, what: 'a report of the fault' });
  assert.deepEqual(await idsAfterRun(), ['thing-0', 'thing-1', 'thing-2']);

  await writeFile(script, original);
  await until(async () => (await idsAfterRun())[0] === 'item-0',
    { timeout: 20_000, what: 'the repaired script to run' });
});
