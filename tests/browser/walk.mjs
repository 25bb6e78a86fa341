// Ways through the dashboard that several tests take.

import { Tab, integration } from './support.mjs';

/** Opens a tab and signs in by hand, as people do. */
export async function signedIn(t, browser, varia, options = {}) {
  const tab = await Tab.open(t, browser, varia.url, options);
  await enterKey(tab, varia.key);
  // A narrow window hides it behind a button.
  await tab.page.getByRole('navigation', { name: 'Pages', includeHidden: true })
    .waitFor({ state: 'attached' });
  // That there is no session yet is asked of the server, and browsers note its answer.
  tab.faults.splice(0);
  return tab;
}

/** Types a key into the sign-in and sends it. */
export async function enterKey(tab, key) {
  await tab.page.getByLabel('API key').fill(key);
  await tab.page.getByRole('button', { name: 'Sign in' }).click();
}

/** Goes to a place of the dashboard and waits until its title shows. */
export async function goTo(tab, place, title) {
  await tab.page.evaluate((hash) => new Promise((shown) => {
    if (location.hash === hash) shown();
    addEventListener('hashchange', () => requestAnimationFrame(shown), { once: true });
    location.hash = hash;
  }), place);
  await tab.page.getByRole('heading', { level: 1, name: title, exact: true }).waitFor();
}

/** The places of a sync and of a variant of the test project. */
export function syncPlace(connection, sync, ...more) {
  return ['#/sync', integration, connection, sync, ...more].join('/');
}

export function variantPlace(connection, sync, variant, ...more) {
  return ['#/variant', integration, connection, sync, variant, ...more].join('/');
}

/** Answers the question that stands in a dialog with its button of this name. */
export async function answer(tab, name) {
  const dialog = tab.page.getByRole('dialog');
  await dialog.getByRole('button', { name, exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
}

/** The row of a table that has a link or button of this name. */
export function rowOf(tab, name) {
  return tab.page.getByRole('row').filter({ has: tab.page.getByText(name, { exact: true }) });
}
