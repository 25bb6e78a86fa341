// The demo, with one worker killed by signal 9 in the middle of the first round.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Child, descendantsOf, root, survivorsOf } from './support.mjs';

test('the demo holds its promises when a worker is killed', async (t) => {
  const demo = new Child('demo', process.execPath,
    [`${root}/examples/debian/demo.mjs`, '--kill-worker']);
  t.after(() => demo.stop(30_000));
  await demo.line(/First round/, 60_000);
  const children = descendantsOf(demo.pid);
  const { code } = await demo.exit(280_000);
  assert.equal(code, 0, demo.output);
  assert.match(demo.output, /kill -9 \d+: worker-\d is gone/);
  assert.doesNotMatch(demo.output, /^FAILED/m);
  assert.equal(demo.output.match(/^ok /gm).length, 8, demo.output);
  assert.deepEqual(survivorsOf(children), []);
});
