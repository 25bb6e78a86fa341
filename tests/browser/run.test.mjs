// A run of the Debian demo, watched while it goes on.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { startBrowser, startDemo, wholeFile } from './support.mjs';
import { answer, goTo, rowOf, signedIn } from './walk.mjs';

const file = wholeFile();
const sync = '#/sync/debian/debian-archive/packages';
let demo;
let browser;
let large;

before(async () => {
  demo = await startDemo(file, { sections: 6 });
  demo.key = demo.apiKey;
  [large] = demo.application.variants;
  browser = await startBrowser(file);
});

const place = (...part) => ['#/variant/debian/debian-archive/packages', large, ...part].join('/');

test('a run is seen from its begin to its end without reloading', async (t) => {
  const tab = await signedIn(t, browser, demo);
  await goTo(tab, sync, 'packages');
  const row = rowOf(tab, large);
  await row.getByText('never').first().waitFor({ state: 'attached' });
  await tab.page.getByRole('button', { name: 'Run all' }).click();
  await answer(tab, 'Run now');
  await row.getByText('Running').waitFor();
  await row.getByText(/^\+/).waitFor({ timeout: 60_000 });
  await row.getByRole('img', { name: /^Last 1 runs: none failed/ }).waitFor();
  assert.deepEqual(tab.faults, []);
});

test('a log is followed line by line', async (t) => {
  const tab = await signedIn(t, browser, demo);
  await goTo(tab, place('log'), large);
  const log = tab.page.getByRole('log');
  const lines = log.locator('.log-line');
  await lines.first().waitFor();
  const before = await lines.count();
  await tab.page.getByRole('button', { name: 'Run now' }).click();
  await tab.page.getByRole('dialog').getByLabel('Forget the checkpoint').check();
  await answer(tab, 'Run now');
  await log.getByText('#2').first().waitFor();
  const isAtEnd = await log.evaluate((box) => (
    box.scrollHeight - box.scrollTop - box.clientHeight < 60));
  assert.ok(isAtEnd, 'the newest line is in view');
  assert.ok(await lines.count() > before);
  await tab.page.getByRole('searchbox', { name: 'Find lines' }).fill('no line has these words');
  await log.getByText('No line is like that').waitFor();
});

test('records are shown with what changed when', async (t) => {
  const tab = await signedIn(t, browser, demo);
  await goTo(tab, place('records'), large);
  const table = tab.page.getByRole('table', { name: 'Records, newest change first' });
  const first = table.getByRole('button').first();
  await first.waitFor();
  const id = await first.innerText();
  await first.click();
  const record = tab.page.getByRole('region', { name: 'Record', exact: true });
  await record.getByRole('heading', { name: id }).waitFor();
  await record.getByText('First seen').waitFor();
  await record.getByText('"maintainer"').waitFor();
  await tab.page.getByRole('button', { name: 'Older changes' }).click();
  await tab.page.waitForFunction((element) => Number(element.ariaRowCount) > 150,
    await table.elementHandle());
  await tab.page.getByRole('button', { name: 'Deleted' }).click();
  await tab.says('No record changed like that');
});

test('a variant page says why the variant does what it does', async (t) => {
  const tab = await signedIn(t, browser, demo);
  await goTo(tab, place(), large);
  await tab.page.getByRole('region', { name: 'Why' }).getByText(/paused/i).first().waitFor();
  await goTo(tab, place('runs'), large);
  await tab.page.getByRole('row').filter({ hasText: 'Success' }).first().waitFor();
});
