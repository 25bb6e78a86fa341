// How far the variants of a sync hold the same records, as an operator asks for it.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { apiKey, integration, program, Varia } from './support.mjs';

const run = promisify(execFile);

test('the console tells what two variants share', async (t) => {
  const varia = await Varia.start(t);
  const connection = await varia.connect({ metadata: { 'one.count': 5, 'two.count': 3 } });
  for (const variant of ['one', 'two']) {
    await varia.create(connection, 'items', variant);
    await varia.run(connection, 'items', variant);
  }
  const words = ['variants', 'overlap', integration, connection, 'items', 'Item',
    '--url', varia.url, '--api-key', apiKey];
  const table = (await run(program, words)).stdout;
  assert.match(table, /^overlapping +3$/m);
  assert.match(table, /^one +two +3$/m);
  const { stdout } = await run(program, [...words, '-o', 'json']);
  assert.deepEqual(JSON.parse(stdout), {
    model: 'Item', variants: 2, live: 8, distinct: 5, overlapping: 3, exact: true,
    pairs: [{ variants: ['one', 'two'], ids: 3 }],
  });
});
