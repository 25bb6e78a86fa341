// What the browser itself makes of sessions, streams and the policy of the pages.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { before, test } from 'node:test';

import { serve } from '../e2e/support.mjs';
import { Tab, Varia, integration, startBrowser, until, wholeFile } from './support.mjs';

const file = wholeFile();
let varia;
let browser;
let connection;

before(async () => {
  varia = await Varia.start(file, { workers: 1 });
  connection = await varia.connect();
  browser = await startBrowser(file);
});

test('a session is a cookie that no script can read', async (t) => {
  const tab = await Tab.open(t, browser, varia.url);
  assert.equal((await tab.ask('GET', '/varia/overview')).status, 401);
  const { csrf } = (await tab.ask('POST', '/varia/session', { body: { key: varia.key } })).body;
  assert.equal(await tab.page.evaluate(() => document.cookie), '');
  const cookie = await tab.cookie();
  assert.equal(cookie.httpOnly, true);
  assert.equal(cookie.sameSite, 'Strict');
  assert.equal((await tab.ask('GET', '/varia/overview')).status, 200);
  assert.equal((await tab.ask('GET', '/varia/session')).body.csrf, csrf);
});

test('a page that does not know the word of the session changes nothing', async (t) => {
  const tab = await Tab.open(t, browser, varia.url);
  const { csrf } = await tab.begin(varia.key);
  const path = '/varia/environment-variables/A';
  const body = { value: '1' };
  const bare = await tab.ask('PUT', path, { body });
  assert.equal(bare.status, 403);
  assert.equal(bare.body.error.code, 'csrf');
  const meant = await tab.ask('PUT', path, { body, headers: { 'X-Varia-Csrf': csrf } });
  assert.equal(meant.status, 200);
});

test('another site gets neither the session nor answers', async (t) => {
  const evil = await serve(t, createServer((_, answer) => answer.end('<p>elsewhere')));
  const tab = await Tab.open(t, browser, varia.url);
  const { csrf } = await tab.begin(varia.key);
  await tab.page.goto(evil);
  const seen = await tab.page.evaluate(async ([url, word]) => {
    const tried = [];
    for (const [method, path, headers] of [
      ['GET', '/varia/overview', {}],
      ['DELETE', '/varia/session', { 'X-Varia-Csrf': word }],
    ]) {
      const answer = fetch(url + path, { method, headers, credentials: 'include' });
      tried.push(await answer.then(({ status }) => status, () => 'refused'));
    }
    return tried;
  }, [varia.url, csrf]);
  assert.deepEqual(seen, ['refused', 'refused']);
  await tab.page.goto(varia.url);
  assert.equal((await tab.ask('GET', '/varia/session')).status, 200);
});

test('signing out and revoking the key end the session in every tab', async (t) => {
  const made = await varia.call('POST', '/varia/keys', {
    body: { environment: 'dev', name: 'visitor', scopes: 'environment:syncs:read' },
  });
  const visitor = await Tab.open(t, browser, varia.url);
  await visitor.begin(made.body.secret);
  const tab = await Tab.open(t, browser, varia.url);
  const { csrf } = await tab.begin(varia.key);
  assert.equal((await visitor.ask('GET', '/varia/overview')).status, 200);
  await varia.call('POST', '/varia/keys/revoke', { body: { environment: 'dev', key: 'visitor' } });
  assert.equal((await visitor.ask('GET', '/varia/overview')).status, 401);
  const left = await tab.ask('DELETE', '/varia/session', { headers: { 'X-Varia-Csrf': csrf } });
  assert.equal(left.status, 200);
  assert.equal(await tab.cookie(), undefined);
  assert.equal((await tab.ask('GET', '/varia/overview')).status, 401);
});

test('a page follows what a sync does', async (t) => {
  const tab = await Tab.open(t, browser, varia.url);
  await tab.begin(varia.key);
  const query = new URLSearchParams({
    provider_config_key: integration, connection_id: connection, name: 'items', variant: 'base',
  });
  await tab.page.evaluate((path) => {
    globalThis.seen = { status: [], variants: [], log: [] };
    const source = new EventSource(path);
    for (const [kind, all] of Object.entries(globalThis.seen)) {
      source.addEventListener(kind, ({ data }) => all.push(JSON.parse(data)));
    }
  }, `/varia/live?${query}`);
  const seen = (kind) => tab.page.evaluate((name) => globalThis.seen[name], kind);
  const [first] = await until(async () => {
    const all = await seen('variants');
    return all.length > 0 && all;
  }, { timeout: 20_000, what: 'the first rows' });
  assert.equal(first.full, true);
  assert.deepEqual(first.variants.map(({ variant }) => variant), ['base']);
  await varia.run(connection, 'items');
  await until(async () => (await seen('variants')).some(({ variants }) =>
    variants.some((row) => row.last_run?.outcome === 'success' && row.recent.length === 1)),
  { timeout: 20_000, what: 'the end of the run' });
  assert.ok((await seen('status')).length > 0);
});

test('the policy of the pages lets nothing in from elsewhere', async (t) => {
  const evil = await serve(t, createServer((_, answer) => {
    answer.setHeader('Access-Control-Allow-Origin', '*');
    answer.end('globalThis.taken = true');
  }));
  const tab = await Tab.open(t, browser, varia.url);
  const reached = await tab.page.evaluate(async (url) => {
    const script = (set) => new Promise((done) => {
      const element = document.createElement('script');
      set(element);
      element.onload = element.onerror = done;
      document.head.append(element);
      setTimeout(done, 500);
    });
    await script((element) => { element.textContent = 'globalThis.taken = true'; });
    await script((element) => { element.src = url; });
    const asked = await fetch(url).then(() => true, () => false);
    return { taken: globalThis.taken ?? false, asked };
  }, evil);
  assert.deepEqual(reached, { taken: false, asked: false });
});
