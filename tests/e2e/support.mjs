// What all end-to-end tests share: a system of their own for each file, and ways to talk to it.

import { Nango } from '@nangohq/node';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';

import { Child, freePort, until } from '../../examples/debian/lib/processes.mjs';

export { Child, freePort, until };

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const program = process.env.VARIA ?? join(root, 'build/release/varia');
export const testProject = join(root, 'tests/e2e/project');

/** The integration of `testProject`, and the key that all tests use. */
export const integration = 'e2e';
export const apiKey = '3f0c2f5e-7a64-4d2b-9c5e-0a1b2c3d4e5f';

/**
 * Returns something to give to the functions here in place of a test when what they start shall
 * live as long as the file's tests. To be called at the top of a file.
 */
export function wholeFile() {
  const tasks = [];
  after(async () => {
    for (const task of tasks.reverse()) await task();
  });
  return { after: (task) => tasks.push(task) };
}

/** Makes an empty folder that goes away with the test `t`. */
export async function temporaryFolder(t) {
  const folder = await mkdtemp(join(tmpdir(), 'varia-e2e-'));
  t.after(() => removeFolder(folder));
  return folder;
}

function removeFolder(folder) {
  return rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

/**
 * A running `varia dev`. `start` returns when it serves; unless told otherwise it is stopped, and
 * its data removed, when the test `t` is over.
 */
export class Varia {
  key = apiKey;

  static async start(t, { project = testProject, data, workers = 2, flags = [], env = {} } = {}) {
    const varia = new Varia();
    varia.data = data ?? await mkdtemp(join(tmpdir(), 'varia-e2e-'));
    varia.port = await freePort();
    varia.url = `http://127.0.0.1:${varia.port}`;
    varia.nango = new Nango({ host: varia.url, secretKey: apiKey });
    varia.child = new Child('varia dev', program, [
      'dev', ...(project ? [project] : []), '--http', `127.0.0.1:${varia.port}`,
      '--data', varia.data, '--workers', String(workers), '--api-key', apiKey, ...flags,
    ], { env });
    t.after(async () => {
      await varia.stop();
      if (!data) await removeFolder(varia.data);
    });
    await varia.child.line(new RegExp(`^ready ${varia.url}$`, 'm'), 60_000);
    return varia;
  }

  /** The API of a cluster that runs already. */
  static at(url, key = apiKey) {
    const varia = new Varia();
    return Object.assign(varia, { url, key, nango: new Nango({ host: url, secretKey: key }) });
  }

  stop() {
    return this.child.stop(15_000);
  }

  /** Deploys a project folder to a cluster that was not started with one. */
  async deploy(project = testProject) {
    const child = new Child('deploy', program, [
      'deploy', project, '--url', this.url, '--api-key', this.key,
    ]);
    const { code } = await child.exit(60_000);
    if (code !== 0) throw new Error(`the deployment failed:\n${child.tail()}`);
  }

  /** Sends a request as given and returns `{ status, headers, text, body }`; body is parsed. */
  async call(method, path, { body, headers = {}, raw, auth = `Bearer ${this.key}`,
    patience = 30_000 } = {}) {
    const all = { ...headers };
    if (auth !== null) all.authorization = auth;
    if (body !== undefined) all['content-type'] ??= 'application/json';
    const answer = await fetch(`${this.url}${path}`, {
      method,
      headers: all,
      body: raw ?? (body === undefined ? undefined : JSON.stringify(body)),
      signal: AbortSignal.timeout(patience),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, text, body: parsed(text) };
  }

  /** Makes the integration and one connection of the test project; returns the connection's id. */
  async connect({ connection = `c-${randomUUID().slice(0, 8)}`, key = integration, baseUrl,
    metadata } = {}) {
    const known = await this.call('GET', `/integrations/${key}`);
    if (known.status !== 200) {
      await this.nango.createIntegration({
        provider: 'unauthenticated',
        unique_key: key,
        ...(baseUrl && { custom: { base_url: baseUrl } }),
      });
    }
    const made = await this.call('POST', '/connections', {
      body: {
        provider_config_key: key,
        connection_id: connection,
        credentials: { type: 'NONE' },
        ...(metadata && { metadata }),
      },
    });
    if (made.status !== 201) throw new Error(`no connection: ${made.status} ${made.text}`);
    return connection;
  }

  create(connection, name, variant, key = integration) {
    return this.nango.createSyncVariant({
      provider_config_key: key, connection_id: connection, name, variant,
    });
  }

  remove(connection, name, variant, key = integration) {
    return this.nango.deleteSyncVariant({
      provider_config_key: key, connection_id: connection, name, variant,
    });
  }

  /** Returns the status of one variant; undefined if there is none. */
  async status(connection, name, variant = 'base', key = integration) {
    const { syncs } = await this.nango.syncStatus(key, [{ name, variant }], connection);
    return syncs[0];
  }

  /** Waits until the status of a variant satisfies `holds`, and returns it. */
  async when(connection, name, variant, holds, { timeout = 20_000, key = integration } = {}) {
    let last;
    return until(async () => {
      last = await this.status(connection, name, variant, key);
      return last && holds(last) ? last : null;
    }, { timeout, what: `${name}::${variant}`, detail: () => JSON.stringify(last) });
  }

  /** Triggers one variant and waits for the end of the run; returns the status after it. */
  async run(connection, name, variant = 'base', { opts, key = integration, timeout } = {}) {
    const before = (await this.status(connection, name, variant, key))?.finishedAt;
    await this.nango.triggerSync(key, [{ name, variant }], connection, opts);
    return this.when(connection, name, variant,
      (now) => now.finishedAt !== undefined && now.finishedAt !== before, { key, timeout });
  }

  /** Returns all records of a variant. */
  async records(connection, model, variant, { key = integration, limit = 1000, ...rest } = {}) {
    const all = [];
    let cursor = null;
    do {
      const page = await this.nango.listRecords({
        providerConfigKey: key, connectionId: connection, model, variant, limit, ...rest,
        ...(cursor && { cursor }),
      });
      all.push(...page.records);
      cursor = page.next_cursor;
    } while (cursor);
    return all;
  }

  /** Returns what the cluster knows of the variants of a sync: worker, times and more. */
  async variants(connection, sync, key = integration) {
    const query = new URLSearchParams({
      provider_config_key: key, connection_id: connection, sync,
    });
    const { status, body, text } = await this.call('GET', `/varia/variants?${query}`);
    if (status !== 200) throw new Error(`GET /varia/variants answered ${status}: ${text}`);
    return body.variants;
  }
}

/** Returns what the server answered when the client refused a call: `{ status, body }`. */
export async function refusal(promise) {
  try {
    await promise;
  } catch (error) {
    if (!error.response) throw error;
    return { status: error.response.status, body: error.response.data };
  }
  throw new Error('the call was not refused');
}

/** Returns the descendants of a process: `[{ pid, name, words, startedAt }]`. */
export function descendantsOf(pid) {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(statOf).filter(Boolean);
  const found = [];
  for (let level = [pid]; level.length > 0;) {
    const children = all.filter(({ parent }) => level.includes(parent));
    found.push(...children);
    level = children.map((child) => child.pid);
  }
  return found;
}

/** Returns those of the given processes that still live. */
export function survivorsOf(processes) {
  return processes.filter(({ pid, startedAt }) => {
    const now = statOf(pid);
    return now && now.startedAt === startedAt && now.state !== 'Z';
  });
}

/** Starts an HTTP server on a free port, ends it with the test, and returns its address. */
export async function serve(t, server, host = '127.0.0.1') {
  server.listen(0, host);
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://${host}:${server.address().port}`;
}

function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const name = text.slice(text.indexOf('(') + 1, text.lastIndexOf(')'));
    const rest = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return {
      pid: Number(pid), name, words, state: rest[0], parent: Number(rest[1]), startedAt: rest[19],
    };
  } catch {
    return undefined; // It ended meanwhile.
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
