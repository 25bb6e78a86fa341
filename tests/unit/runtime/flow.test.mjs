// What keeps a run within its bounds: credit, turns, the number of its logs, interruption.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Host, script } from './host.mjs';

let host;
before(async () => {
  host = await Host.start();
});
after(async () => {
  assert.ok(host.alive);
  assert.equal(await host.stop(), 0);
  assert.equal(host.stderr, '');
});

const soon = () => new Promise((resolve) => setTimeout(resolve, 5));

async function pinged() {
  host.send(0, 6, { n: 1 });
  return await host.next(0, 20);
}

test('a run tells once that its script begins', async () => {
  const run = host.run(`throw new Error('at the top');`);
  assert.equal((await run.done).error.message, 'at the top');
  const good = host.run(script(`await nango.log('ran');`));
  assert.equal((await good.done).ok, true);
  const kindsOf = ({ id }) => host.frames.filter((frame) => frame.run === id).map((x) => x.kind);
  assert.deepEqual(kindsOf(run), [23, 18]);
  assert.deepEqual(kindsOf(good), [23, 19, 18]);
});

test('a run whose script cannot be compiled never begins', async () => {
  const run = host.run('const a = ;');
  assert.equal((await run.done).ok, false);
  assert.ok(!host.frames.some((frame) => frame.run === run.id && frame.kind === 23));
});

test('calls wait for the credit of those before them', async () => {
  let bytes = 0;
  let most = 0;
  const handlers = {
    batchSave: async ({ text }) => {
      most = Math.max(most, (bytes += text.length));
      await soon();
      bytes -= text.length;
    },
  };
  const run = host.run(
    script(`
      const ids = [...Array(20).keys()].map((n) => 'n' + n);
      await Promise.all(ids.map((id) =>
        nango.batchSave([{ id, text: 'x'.repeat(10_000) }], 'Order')));
    `),
    { handlers, context: { creditBytes: 35_000 } },
  );
  const { ok, stats } = await run.done;
  assert.deepEqual([ok, stats.calls], [true, 20]);
  assert.ok(most > 20_000 && most <= 35_000, String(most));
  assert.deepEqual(
    run.calls.map(({ args }) => args.ids[0]),
    [...Array(20).keys()].map((n) => `n${n}`),
  );
});

test('a call larger than the credit goes alone', async () => {
  let open = 0;
  let most = 0;
  const handlers = {
    batchSave: async () => {
      most = Math.max(most, (open += 1));
      await soon();
      open -= 1;
    },
  };
  const run = host.run(
    script(`
      await Promise.all(['a', 'b', 'c'].map((id) =>
        nango.batchSave([{ id, text: 'x'.repeat(10_000) }], 'Order')));
    `),
    { handlers, context: { creditBytes: 1 } },
  );
  assert.equal((await run.done).ok, true);
  assert.deepEqual([run.calls.length, most], [3, 1]);
});

test('credit comes back with refusals, too', async () => {
  const handlers = {
    batchSave: () => Promise.reject(Object.assign(new Error('no'), { type: 'x' })),
  };
  const run = host.run(
    script(`
      for (const id of ['a', 'b', 'c'])
        await nango.batchSave([{ id, text: 'x'.repeat(10_000) }], 'Order').catch(() => {});
      await nango.log('done');
    `),
    { handlers, context: { creditBytes: 11_000 } },
  );
  assert.equal((await run.done).ok, true);
  assert.equal(run.calls.length, 3);
});

test('a run writes so many logs and then only counts them', async () => {
  const run = host.run(
    script(`
      for (let n = 0; n < 10; n += 1) await nango.log('n' + n);
      console.log('more');
      await nango.log('debug', { level: 'debug' });
    `),
    { context: { logLinesMax: 4 } },
  );
  assert.equal((await run.done).ok, true);
  assert.deepEqual(
    run.logs.map(({ message }) => message),
    ['n0', 'n1', 'n2', 'n3', '8 log lines were left out: a run may write 4'],
  );
  assert.equal(run.logs[4].level, 'warn');
});

test('logs below the level of the run are not counted', async () => {
  const run = host.run(
    script(`
      await nango.setLogger({ level: 'warn' });
      for (let n = 0; n < 10; n += 1) await nango.log('n' + n);
      await nango.log('loud', { level: 'error' });
    `),
    { context: { logLinesMax: 1 } },
  );
  assert.equal((await run.done).ok, true);
  assert.deepEqual(
    run.logs.map(({ message }) => message),
    ['loud'],
  );
});

test('millions of logs, awaited or not, cost others nothing', async () => {
  for (const [what, body] of [
    ['awaited', 'for (let left = 2_000_000; left > 0; left -= 1) await nango.log("x", { a: 1 });'],
    ['not awaited', 'for (let left = 2_000_000; left > 0; left -= 1) nango.log("x", { a: 1 });'],
    ['by the console', 'for (let left = 2_000_000; left > 0; left -= 1) console.log("x %s", {});'],
  ]) {
    const run = host.run(script(body));
    const other = host.run(script(`await nango.getCheckpoint(); await nango.log('healthy');`));
    assert.equal((await other.done).ok, true);
    assert.ok((await pinged()).heap < 300 << 20, what);
    assert.equal((await run.done).ok, true);
    assert.equal(run.logs.length, 2001);
    assert.match(run.logs.at(-1).message, /^1998000 log lines were left out/);
  }
});

for (const [what, body] of [
  ['nango.log', `await nango.log('x');`],
  ['what is remembered', 'await nango.getMetadata();'],
  ['what does nothing', `await nango.batchSave([], 'Order');`],
  ['what the script may not', `await nango.batchSave([{}], 'Order').catch(() => {});`],
  ['what needs no host', 'await nango.getFlowAttributes();'],
  ['setLogger', `await nango.setLogger({ level: 'info' });`],
]) {
  test(`an endless loop of ${what} does not keep the process from answering`, async () => {
    const run = host.run(script(`for (;;) { ${body} }`), {
      handlers: { getMetadata: () => '{}' },
    });
    while ((await pinged()).runs !== 1) await soon();
    for (let left = 3; left > 0; left -= 1) assert.equal((await pinged()).runs, 1);
    host.send(run.id, 5, { reason: 'enough' });
    assert.equal((await run.done).error.type, 'script_aborted');
    assert.equal((await pinged()).runs, 0);
  });
}

const interrupted = { saveCheckpoint: () => ({ interrupted: true }) };
const INTERRUPTED = ['execution_interrupted', 'InterruptError'];

test('a run is interrupted where it saved its checkpoint', async () => {
  const run = host.run(
    script(`await nango.saveCheckpoint({ page: 1 }); await nango.log('went on');`),
    { handlers: interrupted },
  );
  const { ok, error } = await run.done;
  assert.deepEqual([ok, error.type, error.name], [false, ...INTERRUPTED]);
  assert.deepEqual(run.logs, []);
});

test('a run is interrupted by a batch that carries a checkpoint', async () => {
  const run = host.run(
    script(`
      await nango.batchSave([{ id: 1 }], 'Order', { checkpoint: { page: 1 } });
      await nango.log('went on');
    `),
    { handlers: { batchSave: () => ({ added: 1, interrupted: true }) } },
  );
  assert.equal((await run.done).error.type, 'execution_interrupted');
  assert.deepEqual(run.logs, []);
});

test('whatever a script does with the interruption, it ends by it', async () => {
  const swallow = 'await nango.saveCheckpoint({ page: 1 }).catch((error) => errors.push(error));';
  for (const end of [
    '',
    `throw new Error('mine');`,
    'await new Promise(() => {});',
    'for (;;) await nango.getCheckpoint().catch(() => {});',
    'await new Promise((resolve) => setTimeout(resolve, 60_000));',
  ]) {
    const run = host.run(
      script(`
        const errors = [];
        ${swallow}
        await nango.getCheckpoint().catch((error) => errors.push(error));
        await nango.log('seen', errors.map(({ type, name }) => ({ type, name })));
        ${end}
      `),
      { handlers: interrupted },
    );
    const { ok, error } = await run.done;
    assert.deepEqual([ok, error.type, error.name], [false, ...INTERRUPTED], end);
    const one = { type: INTERRUPTED[0], name: INTERRUPTED[1] };
    assert.deepEqual(JSON.parse(run.logs[0].payload), { 0: one, 1: one });
    assert.equal(run.calls.length, 1);
  }
});

test('what was sent before the interruption is still answered', async () => {
  let release;
  const released = new Promise((resolve) => (release = resolve));
  const run = host.run(
    script(`
      const saved = nango.batchSave([{ id: 1 }], 'Order').then(() => nango.log('saved'));
      await nango.saveCheckpoint({ page: 1 }).catch(() => {});
      await saved;
    `),
    {
      handlers: {
        batchSave: () => released,
        saveCheckpoint: () => (setTimeout(release, 5), { interrupted: true }),
      },
    },
  );
  assert.equal((await run.done).error.type, 'execution_interrupted');
  assert.equal(run.logs[0].message, 'saved');
});

test('a script cannot claim that it was interrupted', async () => {
  const { error } = await host.run(
    script(`throw Object.assign(new Error('x'), { type: 'execution_interrupted' });`),
  ).done;
  assert.equal(error.type, 'script_internal_error');
});

test('another answer does not interrupt', async () => {
  const run = host.run(
    script(`
      await nango.batchDelete([{ id: 1 }], 'Order');
      await nango.log('seen', await nango.getMetadata());
    `),
    {
      handlers: {
        batchDelete: () => ({ interrupted: true }),
        getMetadata: () => '{"interrupted":true}',
      },
    },
  );
  assert.equal((await run.done).ok, true);
});
