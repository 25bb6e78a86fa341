// Thousands of variants of a sync in a table: finding, sorting, walking, commanding.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { Varia, integration, makeVariants, startBrowser, until, wholeFile } from './support.mjs';
import { answer, goTo, rowOf, signedIn, syncPlace, variantPlace } from './walk.mjs';

const count = 5000;
const file = wholeFile();
let varia;
let browser;
let connection;

before(async () => {
  varia = await Varia.start(file, { workers: 1 });
  connection = await varia.connect();
  const limit = await varia.call('PUT', '/varia/limits', { body: { max: count + 100 } });
  assert.equal(limit.status, 200);
  await makeVariants(varia, connection, 'items', count);
  browser = await startBrowser(file);
});

async function openSync(t) {
  const tab = await signedIn(t, browser, varia);
  await goTo(tab, syncPlace(connection, 'items'), 'items');
  await tab.says('5,001 variants');
  return tab;
}

const rowsThere = (tab) => tab.page.locator('tbody tr:not(.spacer)').count();

test('finds one of thousands by typing, without the mouse', async (t) => {
  const tab = await openSync(t);
  assert.ok(await rowsThere(tab) < 200, 'only the rows of the window exist');
  await tab.page.keyboard.press('/');
  await tab.page.keyboard.type('v-0321');
  await tab.says('10 of 5,001 variants');
  assert.equal(await rowsThere(tab), 10);
  await tab.page.keyboard.type('7');
  await tab.says('1 of 5,001 variants');
  await tab.page.keyboard.press('Tab');
  await until(() => tab.page.evaluate(() => location.hash.includes('q=v-03217')),
    { timeout: 10_000, what: 'the search to stand in the address' });
  await tab.page.reload();
  await tab.says('1 of 5,001 variants');
});

test('sorts by a column and walks to the last row with the keyboard', async (t) => {
  const tab = await openSync(t);
  await tab.page.getByRole('button', { name: 'Variant', exact: true }).focus();
  await tab.page.keyboard.press('Enter');
  const head = tab.page.getByRole('columnheader', { name: /^Variant/ });
  assert.equal(await head.getAttribute('aria-sort'), 'ascending');
  await tab.page.getByRole('link', { name: 'base', exact: true }).focus();
  const focused = () => tab.page.evaluate(() => document.activeElement.textContent);
  await tab.page.keyboard.press('ArrowDown');
  assert.equal(await focused(), 'v-00000');
  await tab.page.keyboard.press('End');
  assert.equal(await focused(), 'v-04999');
  assert.ok(await rowsThere(tab) < 200);
  await tab.page.keyboard.press('Enter');
  await tab.page.getByRole('heading', { level: 1, name: 'v-04999' }).waitFor();
});

test('runs, pauses and starts one variant after a question', async (t) => {
  const tab = await signedIn(t, browser, varia);
  await goTo(tab, variantPlace(connection, 'items', 'v-00007'), 'v-00007');
  await tab.page.getByRole('button', { name: 'Run now' }).click();
  await answer(tab, 'Cancel');
  assert.equal((await varia.status(connection, 'items', 'v-00007')).finishedAt, undefined);
  await tab.page.getByRole('button', { name: 'Run now' }).click();
  await answer(tab, 'Run now');
  await varia.when(connection, 'items', 'v-00007', ({ finishedAt }) => finishedAt !== undefined);
  await tab.says('Success');
  await tab.page.getByRole('button', { name: 'Start', exact: true }).click();
  await answer(tab, 'Start');
  await tab.page.getByRole('button', { name: 'Pause', exact: true }).click();
  await answer(tab, 'Pause');
  await tab.page.getByRole('button', { name: 'Start', exact: true }).waitFor();
  assert.equal((await varia.status(connection, 'items', 'v-00007')).status, 'PAUSED');
});

test('commands all variants that were chosen', async (t) => {
  const tab = await openSync(t);
  await tab.page.getByRole('searchbox', { name: 'Find variants' }).fill('v-0100');
  await tab.says('10 of 5,001 variants');
  await tab.page.getByRole('checkbox', { name: 'Choose all that are shown' }).check();
  const bar = tab.page.getByRole('region', { name: 'Chosen variants' });
  await bar.getByText('10 chosen').waitFor();
  await bar.getByRole('button', { name: 'Start' }).click();
  await answer(tab, 'Start');
  const started = await varia.variants(connection, 'items');
  assert.equal(started.filter(({ status }) => status !== 'PAUSED').length, 10);
  await rowOf(tab, 'v-01001').getByText('Paused').waitFor({ state: 'detached' });
});

test('deletes a variant only when its name is typed', async (t) => {
  const tab = await signedIn(t, browser, varia);
  await goTo(tab, variantPlace(connection, 'items', 'v-04000'), 'v-04000');
  await tab.page.getByRole('button', { name: 'Delete', exact: true }).click();
  const dialog = tab.page.getByRole('dialog');
  const go = dialog.getByRole('button', { name: 'Delete' });
  await dialog.getByRole('textbox').fill('v-0400');
  assert.equal(await go.isDisabled(), true);
  await dialog.getByRole('textbox').fill('v-04000');
  await go.click();
  await tab.page.getByRole('heading', { level: 1, name: 'items' }).waitFor();
  await tab.says('5,000 variants');
});

test('the map shows the few large partitions among many', async (t) => {
  await varia.call('PATCH', '/connections/metadata', {
    body: {
      provider_config_key: integration, connection_id: connection,
      metadata: { 'v-00100.count': 300 },
    },
  });
  for (const variant of ['v-00100', 'v-00101', 'v-00102']) {
    await varia.run(connection, 'items', variant);
  }
  const tab = await signedIn(t, browser, varia);
  await goTo(tab, syncPlace(connection, 'items', 'map'), 'items');
  const map = tab.page.getByRole('group', { name: 'Partitions by size' });
  const [large, small] = await Promise.all(['v-00100', 'v-00101'].map(
    (name) => map.locator(`[data-variant="${name}"]`).boundingBox()));
  assert.ok(large.width * large.height > 20 * small.width * small.height);
  await tab.page.getByRole('table', { name: 'Largest partitions' })
    .getByRole('link', { name: 'v-00100' }).click();
  await tab.page.getByRole('heading', { level: 1, name: 'v-00100' }).waitFor();
});
