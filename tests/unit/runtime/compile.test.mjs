import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { Host, jsonServer, runtimeDir } from './host.mjs';

const shop = fileURLToPath(new URL('./projects/shop', import.meta.url));
let program;
let scratch;
before(async () => {
  program = join(await runtimeDir(), 'compile.cjs');
  scratch = mkdtempSync(join(tmpdir(), 'varia-compile-'));
});
after(() => rmSync(scratch, { recursive: true, force: true }));

function compile(...args) {
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], (error, stdout, stderr) => {
      resolve({ status: error?.code ?? 0, stdout, stderr });
    });
  });
}

let count = 0;
async function compileFiles(files) {
  const dir = join(scratch, String((count += 1)));
  mkdirSync(dir);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  return await compile(dir);
}

function sync(fields = '', head = '') {
  const source = `import { createSync } from 'nango';
import { z } from 'zod';
${head}
export default createSync({
  description: 'x',
  models: { Order: z.object({ id: z.string() }) },
  exec: async () => {},
  ${fields}
});
`;
  return { 'index.ts': `import './a/syncs/b.js';\n`, 'a/syncs/b.ts': source };
}

test('a project becomes the body of a deploy', async () => {
  const { status, stdout, stderr } = await compile(shop);
  assert.deepEqual([status, stderr], [0, '']);
  const { flowConfigs, onEventScriptsByProvider: _, ...rest } = JSON.parse(stdout);
  assert.match(rest.sdkVersion, /^\d+\.\d+\.\d+-zero$/);
  assert.deepEqual(
    { ...rest, sdkVersion: '' },
    {
      nangoYamlBody: '',
      reconcile: true,
      debug: false,
      deployMode: 'all',
      sdkVersion: '',
    },
  );
  const [{ fileBody, models_json_schema: schema, ...orders }, plain] = flowConfigs;
  assert.deepEqual(orders, {
    type: 'sync',
    syncName: 'orders',
    providerConfigKey: 'shop',
    models: ['Order'],
    runs: 'every 5 minutes',
    auto_start: true,
    track_deletes: false,
    sync_type: 'full',
    version: '1.2.0',
    input: 'SyncMetadata_shop_orders',
    metadata: { scopes: ['orders:read'], description: 'Orders of a shop' },
    attributes: {},
    endpoints: [{ method: 'GET', path: '/orders' }],
    webhookSubscriptions: ['order.created'],
    features: ['checkpoints'],
  });
  assert.deepEqual(schema.definitions.Order, {
    type: 'object',
    properties: {
      id: { type: 'string' },
      total: { type: 'number', minimum: 0 },
      placedAt: { type: 'string', format: 'date-time' },
      tags: { type: 'array', items: { type: 'string', enum: ['new', 'paid'] } },
    },
    required: ['id', 'total', 'placedAt'],
    additionalProperties: false,
  });
  assert.ok(schema.definitions.SyncMetadata_shop_orders.properties.threshold);
  assert.equal(fileBody.ts, readFileSync(join(shop, 'shop/syncs/orders.ts'), 'utf8'));
  assert.ok(!fileBody.js.includes('require("nango")'));
  assert.equal(flowConfigs.length, 3);
  assert.deepEqual([plain.auto_start, plain.features, plain.runs], [false, [], '1h']);
});

test('an action becomes an entry with its input and output', async () => {
  const { stdout } = await compile(shop);
  const { fileBody, models_json_schema: schema, ...action } = JSON.parse(stdout).flowConfigs[2];
  assert.deepEqual(action, {
    type: 'action',
    syncName: 'refund',
    providerConfigKey: 'shop',
    models: ['ActionOutput_shop_refund'],
    runs: null,
    auto_start: false,
    track_deletes: false,
    version: '2.0.0',
    input: 'ActionInput_shop_refund',
    metadata: { scopes: ['orders:write'], description: 'Gives the money of an order back' },
    attributes: {},
    endpoints: [],
    webhookSubscriptions: [],
    features: [],
  });
  const { ActionInput_shop_refund: input, ActionOutput_shop_refund: output } = schema.definitions;
  assert.deepEqual([input.required, output.required], [['id'], ['refunded']]);
  assert.match(fileBody.js, /refunded/);
});

test('on-event functions are listed by integration', async () => {
  const { stdout } = await compile(shop);
  const [{ providerConfigKey, scripts }, ...others] = JSON.parse(stdout).onEventScriptsByProvider;
  assert.deepEqual([providerConfigKey, scripts.length, others], ['shop', 1, []]);
  const [{ name, event, fileBody }] = scripts;
  assert.deepEqual([name, event], ['welcome', 'post-connection-creation']);
  assert.equal(fileBody.ts, readFileSync(join(shop, 'shop/on-events/welcome.ts'), 'utf8'));
});

const other = (folder, source) => ({
  'index.ts': `import './a/${folder}/b.js';\n`,
  [`a/${folder}/b.ts`]: source,
});

for (const [what, files, message] of [
  [
    'an action that is a sync',
    other('actions', sync()['a/syncs/b.ts']),
    /^a\/actions\/b\.ts:\d+:1: the default export is not a createAction/,
  ],
  [
    'an action whose input is no schema',
    other(
      'actions',
      `import { createAction } from 'nango';
export default createAction({
  description: 'x',
  input: { id: 1 },
  exec: async () => {},
});
`,
    ),
    /^a\/actions\/b\.ts:4:3: input must be a zod schema/,
  ],
  [
    'an on-event function for no known event',
    other(
      'on-events',
      `import { createOnEvent } from 'nango';
export default createOnEvent({
  description: 'x',
  event: 'later',
  exec: async () => {},
});
`,
    ),
    /^a\/on-events\/b\.ts:4:3: event must be one of post-connection-creation/,
  ],
]) {
  test(`${what} is refused`, async () => {
    const { status, stderr } = await compileFiles(files);
    assert.equal(status, 1);
    assert.match(stderr, message);
  });
}

test('what a model refers to is found among the definitions', async () => {
  const { stdout } = await compile(shop);
  const { definitions } = JSON.parse(stdout).flowConfigs[1].models_json_schema;
  const references = [
    ...JSON.stringify(definitions).matchAll(/"\$ref":"#\/definitions\/([^"]+)"/g),
  ];
  assert.ok(references.length > 0);
  for (const [, name] of references) assert.ok(definitions[name], name);
});

test('a compiled sync runs', async () => {
  const host = await Host.start();
  const { stdout } = await compile(shop);
  const run = host.run(JSON.parse(stdout).flowConfigs[0].fileBody.js, {
    handlers: { http: jsonServer(() => ({ body: { orders: [{ id: 'o1' }] } })) },
  });
  const { error, ok } = await run.done;
  assert.deepEqual([error, ok], [undefined, true]);
  assert.deepEqual(
    run.calls.map(({ method }) => method),
    ['http', 'batchSave', 'saveCheckpoint'],
  );
  assert.equal(run.calls[0].args.retries, 3);
  assert.equal(await host.stop(), 0);
});

test('the body can be written to a file', async () => {
  const out = join(scratch, 'body.json');
  const { status, stdout } = await compile(shop, '--out', out);
  assert.deepEqual([status, stdout], [0, '']);
  assert.equal(JSON.parse(readFileSync(out, 'utf8')).flowConfigs.length, 3);
});

for (const [what, files, message] of [
  ['without an index', {}, /^index\.ts:1:1: there is none/],
  ['that imports nothing', { 'index.ts': '' }, /^index\.ts:1:1: imports no function/],
  [
    'with an import of another form',
    { 'index.ts': `\nimport './b.js';\n` },
    /^index\.ts:2:1: ".\/b\.js" is not of the form/,
  ],
  [
    'with a file that is missing',
    { 'index.ts': `import './a/syncs/b.js';` },
    /^index\.ts:1:1: a\/syncs\/b\.ts does not exist/,
  ],
  ['with a syntax error', sync('oops oops'), /^a\/syncs\/b\.ts:8:8: Expected "}"/],
  [
    'with a bad frequency',
    sync(`frequency: 'every 3 weeks'`),
    /^a\/syncs\/b\.ts:8:3: the frequency/,
  ],
  [
    'that runs too often',
    sync(`frequency: 'every 10s'`),
    /^a\/syncs\/b\.ts:8:3: .*least of 30 seconds/,
  ],
  [
    'with a model without id',
    sync('models: { Order: z.object({ x: z.string() }) }'),
    /Order has no id/,
  ],
  [
    'with a bad model name',
    sync('models: { order: z.object({ id: z.string() }) }'),
    /capital letter/,
  ],
  ['with a bad schedule', sync('schedule: []'), /schedule must be an object/],
  ['without exec', sync('exec: undefined'), /exec must be a function/],
  [
    'whose webhook handler is none',
    sync('onWebhook: 1'),
    /^a\/syncs\/b\.ts:8:3: onWebhook must be/,
  ],
  [
    'that makes code of text',
    sync('', `throw new Error(JSON.stringify(Buffer.constructor('return process')().env));`),
    /^a\/syncs\/b\.ts:3:\d+: EvalError: code cannot be made from text/,
  ],
  ['with a bad setting', sync(`autoStart: 'yes'`), /^a\/syncs\/b\.ts:8:3: autoStart must be/],
  [
    'whose checkpoint is no schema',
    sync('checkpoint: { page: 1 }'),
    /^a\/syncs\/b\.ts:8:3: checkpoint must be a zod schema of a flat object/,
  ],
  ...['z.string()', 'z.object({ a: z.object({}) })', 'z.object({ a: z.string().array() })'].map(
    (schema) => [
      `with ${schema} as checkpoint`,
      sync(`checkpoint: ${schema}`),
      /checkpoint must be a zod schema of a flat object/,
    ],
  ),
  [
    'that imports a package it may not',
    sync('', `import fs from 'node:fs';\nfs.readFileSync('/');`),
    /^a\/syncs\/b\.ts:3:16: scripts may not import "node:fs"/,
  ],
  [
    'that throws while it is loaded',
    sync('', `throw new Error('at the top');`),
    /^a\/syncs\/b\.ts:3:7: Error: at the top/,
  ],
  [
    'without a default export',
    { 'index.ts': `import './a/syncs/b.js';`, 'a/syncs/b.ts': 'export const a = 1;' },
    /^a\/syncs\/b\.ts:1:1: the default export is not a createSync/,
  ],
]) {
  test(`a project ${what} is refused`, async () => {
    const { status, stdout, stderr } = await compileFiles(files);
    assert.deepEqual([status, stdout], [1, '']);
    assert.match(stderr, message);
  });
}

test('a checkpoint that is declared counts as one that is used', async () => {
  const schema = `z.object({ page: z.number().optional(), at: z.date().nullable(),
    kind: z.enum(['a', 'b']).default('a'), mark: z.union([z.string(), z.number()]) })`;
  const { stdout, stderr } = await compileFiles(sync(`checkpoint: ${schema}`));
  assert.equal(stderr, '');
  assert.deepEqual(JSON.parse(stdout).flowConfigs[0].features, ['checkpoints']);
});

test('a hook that tells partitions is a feature', async () => {
  // Spread, as projects have to do it whose types do not know the hook.
  for (const field of ['partitions: async () => []', '...{ partitions: async () => [] }']) {
    const { stdout, stderr } = await compileFiles(sync(field));
    assert.equal(stderr, '');
    assert.deepEqual(JSON.parse(stdout).flowConfigs[0].features, ['partitions']);
  }
  const { status, stderr } = await compileFiles(sync('partitions: ["a"]'));
  assert.equal(status, 1);
  assert.match(stderr, /partitions must be a function/);
});

test('a definition that ends its process is told apart from the others', async () => {
  const files = sync('', `const all = []; for (;;) all.push(new Array(1e6).fill(0.5));`);
  const { status, stderr } = await compileFiles({
    ...files,
    'index.ts': `import './a/syncs/b.js';\nimport './a/syncs/c.js';`,
    'a/syncs/c.ts': files['a/syncs/b.ts'].replace(/const all.*/, ''),
  });
  assert.equal(status, 1);
  assert.match(stderr, /^a\/syncs\/b\.ts:1:1: the process that evaluates definitions ended\n$/);
});

test('wrong arguments and folders are told', async () => {
  assert.match((await compile()).stderr, /^usage/);
  assert.match((await compile(join(scratch, 'nowhere'))).stderr, /no such folder/);
});
