// A function tells its partitions, and each gets a variant with settings; what is deleted can be
// brought back; and a file says which variants there are to be.

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';

import {
  apiKey, Child, integration, program, root, temporaryFolder, until, Varia, wholeFile,
} from './support.mjs';

const file = wholeFile();
const sync = 'drives';
let varia;

before(async () => {
  varia = await Varia.start(file, {
    project: join(root, 'tests/e2e/partitioned'),
    workers: 1,
    flags: ['--set', 'variants.partition_grace=0s'],
  });
});

const ids = (connection) => ({ provider_config_key: integration, connection_id: connection });

const drive = (name) => ({ name, settings: { folder: `folder of ${name}` } });

async function names(connection) {
  const found = await varia.variants(connection, sync);
  return found.map(({ variant }) => variant).sort();
}

async function partitions(connection) {
  const query = new URLSearchParams({ ...ids(connection), name: sync });
  return (await varia.call('GET', `/varia/partitions?${query}`)).body;
}

/** Has the function asked once more, and returns what is known after it has answered. */
async function discover(connection, force = false) {
  const before = await partitions(connection);
  const asked = await varia.call('POST', '/varia/partitions/discover', {
    body: { ...ids(connection), name: sync, force },
  });
  assert.equal(asked.status, 202);
  let last;
  return until(async () => {
    last = await partitions(connection);
    const isDone = last.outcome !== 'found' || last.result?.at === last.found_at;
    return last.answered_at !== before.answered_at && isDone ? last : null;
  }, { timeout: 30_000, what: 'an answer', detail: () => JSON.stringify(last) });
}

test('each partition has its variant, whose script reads its settings', async () => {
  const connection = await varia.connect({
    metadata: { drives: [drive('a'), drive('b'), drive('c')] },
  });
  await until(async () => (await names(connection)).length === 4, {
    timeout: 30_000, what: 'variants of the partitions',
  });
  await varia.when(connection, sync, 'b', ({ status }) => status === 'SUCCESS');
  const [record] = await until(async () => {
    const all = await varia.records(connection, 'File', 'b');
    return all.length > 0 ? all : null;
  }, { timeout: 20_000, what: 'a record' });
  assert.equal(record.folder, 'folder of b');

  await varia.nango.setMetadata(integration, connection, { drives: 'away' });
  const failed = await discover(connection);
  assert.deepEqual([failed.outcome, failed.reason], ['failed', 'the drives are away']);
  await varia.nango.setMetadata(integration, connection, { drives: [{ name: 'not a name' }] });
  assert.match((await discover(connection)).reason, /name that no variant may have/);
  assert.deepEqual(await names(connection), ['a', 'b', 'base', 'c']);

  // What is created by hand is nobody else's; what is gone goes; too much of it is held back.
  await varia.create(connection, sync, 'mine');
  await varia.nango.setMetadata(integration, connection, { drives: [drive('a'), drive('b')] });
  assert.deepEqual((await discover(connection)).result.deleted, ['c']);
  await varia.nango.setMetadata(integration, connection, { drives: [] });
  const { result } = await discover(connection);
  assert.deepEqual([result.guarded, result.deleted], [true, []]);
  assert.deepEqual((await discover(connection, true)).result.deleted, ['a', 'b']);
  assert.deepEqual(await names(connection), ['base', 'mine']);

  // Back with what it had, though its partition is still away.
  const undeleted = await varia.call('POST', `/sync/${sync}/variant/b/undelete`, {
    body: ids(connection),
  });
  assert.equal(undeleted.status, 200);
  assert.equal((await varia.records(connection, 'File', 'b'))[0].folder, 'folder of b');
});

test('a file says which variants there are to be', async (t) => {
  const connection = await varia.connect({ metadata: { drives: [] } });
  const path = join(await temporaryFolder(t), 'set.json');
  const apply = async (...flags) => {
    const child = new Child('apply', program, [
      'variants', 'apply', path, ...flags, '-o', 'json', '--url', varia.url, '--api-key', apiKey,
    ]);
    const { code } = await child.exit(20_000);
    return { code, said: child.tail() };
  };
  await writeFile(path, JSON.stringify({
    ...ids(connection), name: sync, variants: ['x', { name: 'y', settings: { folder: 'Y' } }],
  }));
  const applied = async (...flags) => {
    const { code, said } = await apply(...flags);
    assert.equal(code, 0, said);
  };
  await applied('--dry-run');
  assert.deepEqual(await names(connection), ['base']);
  await applied();
  await applied();
  assert.deepEqual(await names(connection), ['base', 'x', 'y']);
  await varia.run(connection, sync, 'y');
  assert.equal((await varia.records(connection, 'File', 'y'))[0].folder, 'Y');
  await writeFile(path, JSON.stringify({ ...ids(connection), name: sync, variants: ['y'] }));
  const unasked = await apply('--force');
  assert.equal(unasked.code, 2);
  assert.match(unasked.said, /this destroys 1 variants with their records/);
  await applied('--dry-run', '--force');
  assert.deepEqual(await names(connection), ['base', 'x', 'y']);
  await applied('--yes', '--force');
  assert.deepEqual(await names(connection), ['base', 'y']);
});
