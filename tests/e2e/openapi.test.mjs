// The description that the server gives of its API.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { Validator } from '@seriousme/openapi-schema-validator';

import { Description } from './openapi.mjs';
import { Varia, wholeFile } from './support.mjs';

const file = wholeFile();
let varia;
let description;

before(async () => {
  varia = await Varia.start(file, { project: null, workers: 1 });
  description = await Description.of(varia.url);
});

test('is shown to everybody', async () => {
  const answer = await varia.call('GET', '/openapi.json', { auth: null });
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-type'), /^application\/json/);
});

test('is a valid OpenAPI document of version 3.1', async () => {
  const validator = new Validator();
  const { valid, errors } = await validator.validate(structuredClone(description.document));
  assert.ok(valid, JSON.stringify(errors, null, 2));
  assert.equal(validator.version, '3.1');
});

test('has only examples that follow their schemas', () => {
  const wrong = [];
  let count = 0;
  for (const [where, value, ...steps] of description.examples()) {
    count += 1;
    const faults = description.faults(value, ...steps);
    if (faults.length > 0) wrong.push(`${where}: ${JSON.stringify(value)}: ${faults}`);
  }
  assert.deepEqual(wrong, []);
  assert.ok(count > 100, `only ${count} examples`);
});

test('names every operation once', () => {
  const ids = Object.values(description.document.paths)
    .flatMap((methods) => Object.values(methods).map(({ operationId }) => operationId));
  assert.equal(new Set(ids).size, ids.length);
});

test('tells the truth about what is refused', async () => {
  for (const [method, path, options] of [
    ['GET', '/connections', { auth: null }],
    ['POST', '/sync/trigger', { body: {} }],
    ['POST', '/sync/trigger', { raw: '{', headers: { 'content-type': 'application/json' } }],
    ['POST', '/sync/pause', { raw: 'x', headers: { 'content-type': 'text/plain' } }],
    ['GET', '/records?model=Order'],
    ['DELETE', '/sync/orders/variant/base', {
      body: { provider_config_key: 'none', connection_id: 'none' },
    }],
  ]) {
    const { status, body } = await varia.call(method, path, options);
    assert.deepEqual(description.answerFaults(method, path, status, body), [], `${method} ${path}`);
  }
});
