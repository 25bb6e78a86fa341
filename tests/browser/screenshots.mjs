// Makes the pictures of the dashboard in docs/images from a running Debian demo.
//
//   screenshots.mjs [FOLDER]

import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Tab, Varia, startBrowser, startDemo, until } from './support.mjs';
import { goTo } from './walk.mjs';

const folder = process.argv[2] ?? fileURLToPath(new URL('../../docs/images', import.meta.url));
const rounds = 12;
const bytesMost = 250_000;
const roundFor = 120_000;
const settleFor = 1500;
const sync = '#/sync/debian/debian-archive/packages';
const variant = '#/variant/debian/debian-archive/packages/devel';

const wide = { viewport: { width: 1360, height: 820 } };
const narrow = { viewport: { width: 390, height: 760 }, deviceScaleFactor: 2 };
const pictures = [
  ['overview', '#/', 'Overview', wide],
  ['variants', `${sync}?sort=-records`, 'packages', wide],
  ['variants-dark', `${sync}?sort=-records`, 'packages', { ...wide, colorScheme: 'dark' }],
  ['map', `${sync}/map`, 'packages', wide],
  ['variant', variant, 'devel', wide],
  ['runs', `${variant}/runs`, 'devel', wide],
  ['log', `${variant}/log`, 'devel', wide],
  ['records', `${variant}/records`, 'devel', wide, openRecord],
  ['settings', `${variant}/settings`, 'devel', wide],
  ['connections', '#/connections', 'Connections', wide],
  ['functions', '#/functions', 'Functions', wide],
  ['workers', '#/workers', 'Workers', wide],
  ['webhooks', '#/webhooks', 'Webhooks', wide],
  ['audit', '#/audit', 'Audit', wide],
  ['narrow', sync, 'packages', narrow],
];

const tasks = [];
const life = { after: (task) => tasks.push(task) };

/** A second connection, of which every request is refused: what fails is to be seen, too. */
async function breakOne(varia, sections) {
  await varia.call('POST', '/connections', {
    body: {
      provider_config_key: 'debian', connection_id: 'staging-archive',
      credentials: { type: 'API_KEY', apiKey: 'not the key' }, metadata: { sections },
    },
  });
  const variants = Object.keys(sections).map((name) => ({ name }));
  await varia.call('POST', '/sync/packages/variants', {
    body: { provider_config_key: 'debian', connection_id: 'staging-archive', variants },
  });
  await varia.call('POST', '/sync/trigger', {
    body: {
      provider_config_key: 'debian', connection_id: 'staging-archive',
      syncs: variants.map(({ name }) => ({ name: 'packages', variant: name })),
    },
  });
}

async function runRounds(varia, application) {
  await varia.call('POST', '/sync/start', {
    body: { provider_config_key: 'debian', connection_id: 'debian-archive', syncs: ['packages'] },
  });
  await varia.call('POST', '/sync/start', {
    body: {
      provider_config_key: 'debian', connection_id: 'debian-archive',
      syncs: application.variants.map((name) => ({ name: 'packages', variant: name })),
    },
  });
  for (let round = 0; round < rounds; round += 1) {
    const begun = new Date().toISOString();
    await application.trigger();
    await until(async () => {
      const all = [...(await application.standings()).values()];
      return all.every((one) => one.finishedAt > begun && one.execution === 'SUCCESS');
    }, { timeout: roundFor, what: `round ${round}` });
  }
}

async function openRecord(tab) {
  await tab.page.getByRole('table').getByRole('button').nth(2).click();
}

async function take(browser, demo, [name, place, title, options, act]) {
  const tab = await Tab.open(life, browser, demo.url, options);
  await tab.begin(demo.apiKey);
  await tab.page.reload();
  await goTo(tab, place, title);
  await act?.(tab);
  await tab.page.waitForTimeout(settleFor);
  const path = join(folder, `${name}.png`);
  await tab.page.screenshot({ path });
  await tab.context.close();
  const { size } = await stat(path);
  if (size > bytesMost) throw new Error(`${path} has ${size} bytes, at most ${bytesMost}`);
  console.log(`${path} ${size}`);
}

async function main() {
  await mkdir(folder, { recursive: true });
  const demo = await startDemo(life);
  const varia = Varia.at(demo.url, demo.apiKey);
  await runRounds(varia, demo.application);
  await breakOne(varia, { admin: 'admin', devel: 'devel', libs: 'libs', net: 'net' });
  const browser = await startBrowser(life);
  await demo.application.trigger();
  for (const picture of pictures) await take(browser, demo, picture);
}

try {
  await main();
} finally {
  for (const task of tasks.reverse()) await task();
}
