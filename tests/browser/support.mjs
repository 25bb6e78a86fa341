// What the tests of the dashboard share: a real cluster, and a browser that reaches nothing else.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { chromium } from 'playwright-core';

import { Application } from '../../examples/debian/lib/application.mjs';
import { sectionsOfApt } from '../../examples/debian/lib/checks.mjs';
import { Cluster } from '../../examples/debian/lib/cluster.mjs';
import { until, wholeFile } from '../e2e/support.mjs';

export { Varia, integration, until, wholeFile } from '../e2e/support.mjs';

const { resolve } = createRequire(import.meta.url);
const axeSource = readFileSync(resolve('axe-core/axe.min.js'), 'utf8');

/** How long a page may take for something; for hangs only. */
export const patience = 20_000;

/** What every page is looked at in, unless a test says otherwise. */
const window = { width: 1280, height: 900 };

// The name of every other host leads nowhere, so that no packet leaves the machine.
const flags = [
  '--disable-background-networking', '--disable-component-update', '--disable-gpu',
  '--disable-dev-shm-usage', '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
];

/** Starts Debian's Chromium (or the one that the variable CHROMIUM names); it ends with `t`. */
export async function startBrowser(t) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    chromiumSandbox: process.getuid() !== 0,
    args: flags,
    timeout: 60_000,
  });
  t.after(() => browser.close());
  return browser;
}

/**
 * Starts the cluster of the Debian demo with one variant for each section; nothing has run yet.
 * Returns `{ url, apiKey, application, cluster }`; it ends with `t`.
 */
export async function startDemo(t, { workers = 2, sections = Infinity, provider = [] } = {}) {
  const cluster = new Cluster();
  t.after(() => cluster.stop());
  await cluster.start({ workers, provider });
  await cluster.deploy();
  const application = new Application(cluster);
  await application.connect((await sectionsOfApt()).slice(0, sections));
  await application.createVariants();
  return { url: cluster.url, apiKey: cluster.apiKey, application, cluster };
}

/** Gives a sync of a running `Varia` so many named variants, `v-00000` and so on. */
export async function makeVariants(varia, connection, sync, count, wish = {}) {
  const step = 500;
  for (let first = 0; first < count; first += step) {
    const variants = Array.from({ length: Math.min(step, count - first) }, (_, i) => (
      { name: `v-${String(first + i).padStart(5, '0')}`, ...wish }));
    const answer = await varia.call('POST', `/sync/${sync}/variants`, {
      body: {
        provider_config_key: 'e2e', connection_id: connection, variants, all_or_nothing: true,
      },
    });
    if (answer.status !== 200) throw new Error(`no variants: ${answer.status} ${answer.text}`);
  }
}

/**
 * A tab of its own on a dashboard, with its own cookies. What goes wrong in the page (errors,
 * refused loads, broken policies) is gathered in `faults`.
 */
export class Tab {
  faults = [];

  /** `options` are those of a browser context, such as `colorScheme` and `viewport`. */
  static async open(t, browser, url, { path = '/', ...options } = {}) {
    const tab = new Tab();
    tab.url = url;
    tab.context = await browser.newContext({
      viewport: window, reducedMotion: 'reduce', locale: 'en-GB', timezoneId: 'UTC', ...options,
    });
    tab.context.setDefaultTimeout(patience);
    t.after(() => tab.context.close());
    tab.page = await tab.context.newPage();
    tab.page.on('console', (message) => {
      if (message.type() === 'error') tab.faults.push(message.text());
    });
    tab.page.on('pageerror', (error) => tab.faults.push(error.stack ?? String(error)));
    await tab.page.goto(url + path);
    return tab;
  }

  /** Gives the tab a session without the page of the sign-in; returns the facts of it. */
  async begin(apiKey) {
    const answer = await this.page.request.post(`${this.url}/varia/session`, {
      data: { key: apiKey }, headers: { origin: this.url },
    });
    if (!answer.ok()) throw new Error(`no session: ${answer.status()} ${await answer.text()}`);
    return answer.json();
  }

  /** The cookie of the session, or undefined. */
  async cookie() {
    return (await this.context.cookies()).find(({ name }) => name === 'varia_session');
  }

  /** Asks as a script of the page would: `{ status, body }`. */
  ask(method, path, { body, headers = {} } = {}) {
    return this.page.evaluate(async ([how, where, what, more]) => {
      const answer = await fetch(where, {
        method: how,
        headers: { ...(what && { 'Content-Type': 'application/json' }), ...more },
        body: what && JSON.stringify(what),
      });
      const text = await answer.text();
      return { status: answer.status, body: text && JSON.parse(text) };
    }, [method, path, body, headers]);
  }

  /** The serious and critical faults that axe finds on the page as it is, each in a line. */
  async axe() {
    await this.page.evaluate(axeSource);
    const { violations } = await this.page.evaluate(() => globalThis.axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'],
    }));
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, help, nodes }) =>
        nodes.map(({ target, failureSummary }) => `${id}: ${help}: ${target} ${failureSummary}`));
  }

  /** Whether something sticks out of the page to the side. */
  isTooWide() {
    return this.page.evaluate(() =>
      document.documentElement.scrollWidth > document.documentElement.clientWidth);
  }

  /** Waits until `holds` of the page's text; the text is told if it never does. */
  says(holds, what = String(holds)) {
    let text = '';
    return until(async () => {
      text = await this.page.innerText('body');
      return typeof holds === 'string' ? text.includes(holds) : holds(text);
    }, { timeout: patience, what: `the page to say ${what}`, detail: () => text.slice(0, 2000) });
  }
}
