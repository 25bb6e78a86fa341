// What scripts may require, beside zod.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Host, runtimeDir, script } from './host.mjs';

let host;
let folder;
before(async () => {
  // A runtime beside which some packages are installed.
  folder = mkdtempSync(join(tmpdir(), 'varia-modules-'));
  const built = await runtimeDir();
  for (const file of ['child.cjs', 'compile.cjs'])
    copyFileSync(join(built, file), join(folder, file));
  install('soap', `exports.createClient = () => 'client'; exports.kept = { count: 0 };`);
  install('unzipper', `require('not-there');`);
  symlinkSync(join(built, 'node_modules', 'esbuild'), join(folder, 'node_modules', 'esbuild'));
  symlinkSync(join(built, 'node_modules', '@esbuild'), join(folder, 'node_modules', '@esbuild'));
  host = new Host(join(folder, 'child.cjs'));
  await host.next(0, 16);
});
after(async () => {
  rmSync(folder, { recursive: true, force: true });
  assert.equal(await host.stop(), 0);
  assert.equal(host.stderr, '');
});

function install(name, text) {
  const dir = join(folder, 'node_modules', name);
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'index.js'), text);
}

async function seen(body) {
  const handlers = { http: () => ({ status: 200, headers: {}, body: Buffer.from('x') }) };
  const run = host.run(script(`await nango.log('seen', await (async () => {${body}})());`), {
    handlers,
  });
  const { error } = await run.done;
  assert.equal(error, undefined);
  return JSON.parse(run.logs.at(-1).payload);
}

test('a package that is installed beside the runtime can be required', async () => {
  const found = await seen(`
    const soap = require('soap');
    let changed = true;
    try { 'use strict'; soap.createClient = null; } catch {}
    return { client: soap.createClient(), same: require('soap') === soap };
  `);
  assert.deepEqual(found, { client: 'client', same: true });
});

test('a package that is not there, or is broken, says so', async () => {
  for (const [name, message] of [
    ['botbuilder', `the package 'botbuilder' is not installed beside the script runtime`],
    ['unzipper', `the package 'unzipper' cannot be loaded: Cannot find module 'not-there'`],
    ['axios', `Cannot find module 'axios': scripts may use zod, url, crypto, and soap`],
    ['node:soap', `Cannot find module 'node:soap'`],
  ]) {
    const { ok, error } = await host.run(script('', `require('${name}');`)).done;
    assert.equal(ok, false);
    assert.ok(error.message.startsWith(message), error.message);
  }
});

test('a project may import packages that are installed elsewhere', () => {
  const project = join(folder, 'project');
  mkdirSync(join(project, 'a/syncs'), { recursive: true });
  writeFileSync(join(project, 'index.ts'), `import './a/syncs/b.js';`);
  writeFileSync(
    join(project, 'a/syncs/b.ts'),
    `import { createSync } from 'nango';
     import { createFunction } from 'nango/experimental';
     import * as z from 'zod/v4';
     import * as soap from 'soap';
     import { TeamsInfo } from 'botbuilder';
     import { createHash } from 'node:crypto';
     export default createSync({ description: 'x', models: { M: z.object({ id: z.string() }) },
       exec: async () => { soap.createClient(TeamsInfo, createHash, createFunction); } });`,
  );
  const output = execFileSync(process.execPath, [join(folder, 'compile.cjs'), project]);
  const [{ syncName, fileBody }] = JSON.parse(output).flowConfigs;
  assert.equal(syncName, 'b');
  for (const name of ['soap', 'botbuilder', 'node:crypto']) {
    assert.ok(fileBody.js.includes(`require("${name}")`), name);
  }
});

test('crypto hashes, signs and makes keys', async () => {
  const result = await seen(`
    const crypto = require('crypto');
    const { createHash, createHmac } = require('node:crypto');
    const hash = createHash('sha256').update('x').digest('hex');
    const hmac = createHmac('sha256', 'k').update('x').digest('base64');
    const { publicKey, privateKey } = crypto.generateKeyPairSync('ed25519');
    const signed = crypto.sign(null, Buffer.from('x'), privateKey);
    const random = await new Promise((resolve, reject) =>
      crypto.randomBytes(8, (error, bytes) => (error ? reject(error) : resolve(bytes.length))));
    const web = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from('x')));
    return { hash: hash.slice(0, 8), hmac: hmac.length, random, uuid: crypto.randomUUID().length,
      good: crypto.verify(null, Buffer.from('x'), publicKey, signed),
      web: web.toString('hex') === hash, sync: crypto.randomBytes(4).length };
  `);
  assert.deepEqual(result, {
    ...{ hash: '2d711642', hmac: 44, random: 8, uuid: 36, good: true, web: true, sync: 4 },
  });
});

test('what is frozen works as streams and as the older URLs do', async () => {
  const result = await seen(`
    const crypto = require('crypto');
    const url = require('url');
    const hash = crypto.createHash('sha1');
    const hex = await new Promise((resolve) => {
      hash.setEncoding('hex');
      hash.on('readable', () => { const text = hash.read(); if (text) resolve(text); });
      hash.write('x');
      hash.end();
    });
    const cipher = crypto.createCipheriv('aes-256-cbc', Buffer.alloc(32), Buffer.alloc(16));
    const parts = [];
    cipher.on('data', (part) => parts.push(part));
    await new Promise((resolve) => { cipher.on('end', resolve); cipher.end('secret'); });
    const pair = crypto.generateKeyPairSync('rsa', { modulusLength: 1024 });
    const signer = crypto.createSign('sha256');
    signer.update('x');
    const { data } = await nango.get({ endpoint: '/', responseType: 'stream' });
    const piped = data.pipe(crypto.createHash('md5'));
    const md5 = await new Promise((resolve) =>
      piped.on('data', (digest) => resolve(digest.toString('hex'))));
    return { hex: hex.slice(0, 8), cipher: Buffer.concat(parts).length,
      signed: signer.sign(pair.privateKey).length, md5: md5.slice(0, 8),
      query: url.parse('http://a/b?c=d', true).query.c,
      format: url.format({ protocol: 'http', host: 'a', pathname: '/b' }),
      joined: url.resolve('http://a/b', 'c'), host: new url.URL('http://x/y').host,
      params: new url.URLSearchParams('a=1').get('a') };
  `);
  assert.deepEqual(result, {
    ...{
      hex: '11f6ad8e',
      cipher: 16,
      signed: 128,
      md5: '9dd4e461',
      query: 'd',
      format: 'http://a/b',
    },
    ...{ joined: 'http://a/c', host: 'x', params: '1' },
  });
});

test('an error in a callback of crypto fails its run and no other', async () => {
  const other = host.run(script(`await nango.getCheckpoint();`), {
    handlers: { getCheckpoint: () => new Promise((resolve) => setTimeout(resolve, 50)) },
  });
  const run = host.run(
    script(`
      require('crypto').randomBytes(8, () => { throw new Error('called back'); });
      await new Promise((resolve) => setTimeout(resolve, 10_000));
    `),
  );
  assert.equal((await run.done).error.message, 'called back');
  assert.equal((await other.done).ok, true);
});

test('what crypto does after the end of its run is ignored', async () => {
  const run = host.run(
    script(`
      const { pbkdf2, subtle } = require('crypto');
      pbkdf2('x', 'y', 20_000, 32, 'sha256', () => { nango.log('late'); throw new Error('late'); });
      pbkdf2('x', 'y', 20_000, 32, 'sha256', async () => { throw new Error('late'); });
    `),
  );
  assert.equal((await run.done).ok, true);
  const other = host.run(script(`await new Promise((resolve) => setTimeout(resolve, 300));`));
  assert.equal((await other.done).ok, true);
  assert.deepEqual(run.logs, []);
});
