// Every script of the corpus, deployed as one project and played against one scripted provider.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { missingFeatures, strays } from '../corpus/coverage.mjs';
import { deployCorpus, makeIntegrations, Play, scenarioOf, scripts } from '../corpus/player.mjs';
import { ScriptedProvider } from '../corpus/provider.mjs';
import { serve, Varia, wholeFile } from './support.mjs';

const file = wholeFile();
const provider = new ScriptedProvider();
let varia;

before(async () => {
  const origin = await serve(file, provider.server);
  varia = await Varia.start(file, {
    project: null, env: { CORPUS_ORIGIN: origin },
  });
  await makeIntegrations(varia);
  await deployCorpus(varia);
});

test('has at least 36 scripts, each with a scenario', () => {
  assert.ok(scripts.length >= 36, `${scripts.length} scripts`);
  assert.deepEqual(strays(), []);
});

test('uses every method of the script API, and what is common in real scripts', () => {
  assert.deepEqual(missingFeatures(), []);
});

for (const script of scripts) {
  test(`plays ${script.key}/${script.name} with exactly its requests and records`, async () => {
    const scenario = await scenarioOf(script);
    const play = new Play(varia, provider, script, scenario);
    await play.begin();
    for (const [i, step] of scenario.runs.entries()) await play.run(step, i + 1);
  });
}
