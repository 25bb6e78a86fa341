// A configuration file reaches all processes, and is refused as a whole when something is wrong.

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { Child, program, refusal, temporaryFolder, Varia } from './support.mjs';

async function fileWith(t, text) {
  const path = join(await temporaryFolder(t), 'varia.toml');
  await writeFile(path, text);
  return path;
}

test('a limit in the file holds', async (t) => {
  const config = await fileWith(t, '[variants]\nper_sync_max = 3\n');
  const varia = await Varia.start(t, { workers: 1, flags: ['--config', config] });
  const connection = await varia.connect();
  for (const name of ['a', 'b', 'c']) await varia.create(connection, 'items', name);
  const { body } = await refusal(varia.create(connection, 'items', 'd'));
  assert.equal(body.error.message, 'Maximum number of variants per sync (3) reached');
});

test('a wrong file is refused with file, line and key of all faults', async (t) => {
  const config = await fileWith(t, '[http]\nlisten = "127.0.0.1:1"\ncolour = "red"\n' +
    '\n[redis]\ntimeout = "5"\n');
  for (const verb of ['coordinator', 'worker']) {
    const child = new Child(verb, program, [verb, '--config', config]);
    const { code } = await child.exit();
    assert.ok(code > 0, `${verb} ended with ${code}`);
    assert.ok(child.output.includes(`${config}:3`), child.output);
    assert.match(child.output, /colour/);
    assert.ok(child.output.includes(`${config}:6`), child.output);
    assert.match(child.output, /timeout/);
  }
});
