// The pages of the dashboard: who gets in, and whether everyone can use them.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { Tab, Varia, startBrowser, wholeFile } from './support.mjs';
import { enterKey, goTo, signedIn, syncPlace, variantPlace } from './walk.mjs';

const file = wholeFile();
let varia;
let browser;
let connection;
let places;

before(async () => {
  varia = await Varia.start(file, { workers: 1 });
  connection = await varia.connect({
    connection: 'shop-1', metadata: { 'broken.behaviour': 'throw', 'eu.count': 40 },
  });
  await varia.create(connection, 'items', 'eu');
  await varia.create(connection, 'behave', 'broken');
  await varia.run(connection, 'items', 'eu');
  await varia.run(connection, 'behave', 'broken');
  browser = await startBrowser(file);
  const { worker } = (await varia.variants(connection, 'items'))[0];
  const eu = (...part) => variantPlace(connection, 'items', 'eu', ...part);
  places = [
    ['#/', 'Overview'], ['#/connections', 'Connections'],
    [`#/connection/e2e/${connection}`, connection],
    [syncPlace(connection, 'items'), 'items'], [syncPlace(connection, 'items', 'map'), 'items'],
    [eu(), 'eu'], [eu('runs'), 'eu'], [eu('log'), 'eu'], [eu('records'), 'eu'],
    [eu('settings'), 'eu'], ['#/functions', 'Functions'], ['#/function/e2e/sync/items', 'items'],
    ['#/workers', 'Workers'], [`#/worker/${worker}`, worker], ['#/webhooks', 'Webhooks'],
    ['#/webhooks/deliveries', 'Webhooks'], ['#/audit', 'Audit'], ['#/audit/account', 'Audit'],
    ['#/nowhere', 'No such page'],
  ];
});

// What a page says while it waits for an answer.
async function whenLoaded(tab) {
  await tab.page.waitForFunction(() => !document.body.innerText.includes('Loading'));
}

test('a wrong key is refused in words, and the right one gets in', async (t) => {
  const tab = await Tab.open(t, browser, varia.url);
  await enterKey(tab, '00000000-0000-4000-8000-000000000000');
  await tab.says('That is no key of this installation');
  assert.equal(await tab.cookie(), undefined);
  await enterKey(tab, varia.key);
  await tab.page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  await tab.says('behave');
  await tab.says('the fifth item is broken');
});

test('a session that has ended leads to the sign-in, and then back to the page', async (t) => {
  const tab = await signedIn(t, browser, varia);
  await goTo(tab, '#/functions', 'Functions');
  await tab.context.clearCookies();
  await tab.page.getByRole('link', { name: 'Audit' }).click();
  await tab.says('Your session has ended');
  await enterKey(tab, varia.key);
  await tab.page.getByRole('heading', { level: 1, name: 'Audit' }).waitFor();
});

test('signing out ends the session on the server', async (t) => {
  const tab = await signedIn(t, browser, varia);
  await tab.page.getByRole('button', { name: 'Sign out' }).click();
  await tab.page.getByLabel('API key').waitFor();
  assert.equal((await tab.ask('GET', '/varia/session')).status, 401);
});

test('a key of few scopes sees only what it may', async (t) => {
  const made = await varia.call('POST', '/varia/keys', {
    body: { environment: 'dev', name: 'viewer', scopes: 'environment:syncs:read' },
  });
  const tab = await signedIn(t, browser, { url: varia.url, key: made.body.secret });
  await tab.says('items');
  const links = await tab.page.getByRole('navigation', { name: 'Pages' }).innerText();
  assert.deepEqual(links.split('\n').filter(Boolean), ['Overview']);
  await goTo(tab, syncPlace(connection, 'items'), 'items');
  await tab.page.getByRole('link', { name: 'eu', exact: true }).waitFor();
  assert.equal(await tab.page.getByRole('button', { name: 'Run all' }).count(), 0);
});

for (const [scheme, viewport] of [
  ['light', { width: 1440, height: 900 }], ['dark', { width: 360, height: 740 }],
]) {
  test(`no page has a fault, ${scheme} at ${viewport.width} pixels`, async (t) => {
    const tab = await signedIn(t, browser, varia, { colorScheme: scheme, viewport });
    for (const [place, title] of places) {
      await goTo(tab, place, title);
      await whenLoaded(tab);
      assert.deepEqual(await tab.axe(), [], place);
      assert.equal(await tab.isTooWide(), false, place);
      assert.deepEqual(tab.faults, [], place);
    }
  });
}

test('the switch wins over what the system has, and is remembered', async (t) => {
  const tab = await signedIn(t, browser, varia, { colorScheme: 'light' });
  const ground = () => tab.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  const button = tab.page.getByRole('button', { name: /^Theme/ });
  await button.click();
  assert.equal(await ground(), light);
  await button.click();
  const dark = await ground();
  assert.notEqual(dark, light);
  await tab.page.reload();
  await button.waitFor();
  assert.equal(await ground(), dark);
});

test('a narrow window has its menu behind a button', async (t) => {
  const tab = await signedIn(t, browser, varia, { viewport: { width: 360, height: 740 } });
  const link = tab.page.getByRole('link', { name: 'Workers', exact: true });
  assert.equal(await link.isVisible(), false);
  await tab.page.getByRole('button', { name: 'Menu' }).click();
  await link.click();
  await tab.page.getByRole('heading', { level: 1, name: 'Workers' }).waitFor();
  assert.equal(await link.isVisible(), false);
});
