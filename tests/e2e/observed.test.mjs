// Answers that were recorded from the server that clients come from: ours are the same, but for the
// deviations that the corpus tells.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { cases, Player } from '../corpus/http/player.mjs';
import { Description } from './openapi.mjs';
import { Varia, wholeFile } from './support.mjs';

const file = wholeFile();
let player;

before(async () => {
  const varia = await Varia.start(file, {
    project: fileURLToPath(new URL('../corpus/http/project', import.meta.url)),
  });
  await varia.nango.createIntegration({ provider: 'unauthenticated', unique_key: 'orders' });
  player = new Player(varia, 'recorded');
});

for (const one of cases) {
  test(one.title ?? `prepares: ${one.prepare} ${one.variant ?? one.connection}`, () =>
    player.play(one));
}

test('the description of the API tells of all these answers', async () => {
  const description = await Description.of(player.varia.url);
  const wrong = player.played.flatMap(({ title, method, path, status, body }) =>
    description.answerFaults(method, path, status, body).map((fault) => `${title}: ${fault}`));
  assert.deepEqual(wrong, []);
});

test('every deviation says why', () => {
  for (const one of cases) assert.ok(!one.here || one.here.why, one.title);
});
