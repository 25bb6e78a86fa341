// Plays the scenarios of the corpus: runs a script as often as its scenario says, and compares all
// that it asked, saved and said.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { program, until } from '../e2e/support.mjs';
import { hostOf, integrations } from './integrations.mjs';

export const corpus = fileURLToPath(new URL('.', import.meta.url));

/** The scripts that index.ts lists: `[{ key, name }]`. */
export const scripts = [
  ...readFileSync(`${corpus}/index.ts`, 'utf8').matchAll(
    /^import '\.\/(\w+)\/syncs\/([\w-]+)\.js';$/gm,
  ),
].map(([, key, name]) => ({ key, name }));

export async function scenarioOf({ key, name }) {
  return (await import(`./${key}/scenarios/${name}.mjs`)).default;
}

/**
 * Compiles the corpus and deploys it with all schedules paused, so that scripts run when their
 * scenario wants it and at no other time. Returns what the compiler said, by script.
 */
export async function deployCorpus(varia) {
  const compiler = join(dirname(program), 'runtime/compile.cjs');
  const { stdout } = await promisify(execFile)(process.execPath, [compiler, corpus], {
    timeout: 60_000,
    maxBuffer: 1 << 26,
  });
  const body = JSON.parse(stdout);
  const paused = body.flowConfigs.map((one) => ({ ...one, auto_start: false }));
  const { status, text } = await varia.call('POST', '/sync/deploy', {
    body: { ...body, flowConfigs: paused },
  });
  assert.equal(status, 200, text);
  return new Map(body.flowConfigs.map((one) => [`${one.providerConfigKey}/${one.syncName}`, one]));
}

/** Makes every integration of the corpus. */
export async function makeIntegrations(varia) {
  for (const [key, { provider, custom }] of Object.entries(integrations)) {
    await varia.nango.createIntegration({ provider, unique_key: key, custom });
  }
}

/** What is known of a variant's records, by model: live ones by id, and ids of deleted ones. */
class Cache {
  live = {};
  deleted = {};

  /** Takes what a run is to do, and returns the result it is to report. */
  apply({ records, changed = {}, deleted = {} }) {
    const result = {};
    const count = (model, what) => {
      result[model] ??= { added: 0, updated: 0, deleted: 0 };
      result[model][what] += 1;
    };
    for (const [model, list] of Object.entries(records ?? changed)) {
      this.live[model] ??= new Map();
      for (const record of list) {
        count(model, this.live[model].has(record.id) ? 'updated' : 'added');
        this.live[model].set(record.id, record);
        this.deleted[model]?.delete(record.id);
      }
    }
    for (const [model, ids] of Object.entries(deleted)) {
      this.deleted[model] ??= new Set();
      for (const id of ids) {
        if (this.live[model]?.delete(id)) count(model, 'deleted');
        this.deleted[model].add(id);
      }
    }
    return result;
  }
}

/** One scenario on a connection of its own. */
export class Play {
  constructor(varia, provider, script, scenario) {
    Object.assign(this, { varia, provider, scenario, ...script });
    this.connection = `${this.name}-connection`;
    this.caches = new Map();
    this.metadata = scenario.metadata ?? null;
    this.checkpoints = new Map();
  }

  async begin() {
    const { credentials } = integrations[this.key];
    const { config, metadata, others = {} } = this.scenario;
    await this.connect(this.key, this.connection, credentials, metadata, config);
    for (const [key, one] of Object.entries(others)) {
      await this.connect(key, one.id, integrations[key].credentials, one.metadata, one.config);
    }
  }

  async connect(key, id, credentials, metadata, config) {
    const { status, text } = await this.varia.call('POST', '/connections', {
      body: {
        provider_config_key: key,
        connection_id: id,
        credentials,
        ...(metadata && { metadata }),
        ...(config && { connection_config: config }),
      },
    });
    assert.equal(status, 201, text);
  }

  async run(step, number) {
    const at = `run ${number}`;
    const variant = step.variant ?? 'base';
    await this.makeVariants(variant, ...(step.needs ?? []));
    await step.before?.(this);
    this.expectRequests(step, (await this.row(variant))?.started_at);
    const status = await this.start(step, variant);
    await this.checkEnd(step, variant, status, at);
    await this.checkCache(variant, this.name, step, status.latestResult, at);
    for (const other of step.also ?? []) await this.checkOther(other, at);
    await this.checkState(step, variant, status, at);
    await this.checkLog(step, variant, at);
  }

  async makeVariants(...names) {
    for (const variant of names) {
      const [sync, name] = variant.includes('::') ? variant.split('::') : [this.name, variant];
      if (name === 'base' || (await this.varia.status(this.connection, sync, name, this.key)))
        continue;
      await this.varia.create(this.connection, sync, name, this.key);
    }
  }

  expectRequests({ asks = [], anyOrder }, lastStart) {
    const at = { lastStart, connection: this.connection };
    this.provider.expect({
      asks: asks.map(({ ask, ...rest }) => ({
        ask: typeof ask === 'function' ? ask(at) : ask,
        ...rest,
      })),
      anyOrder,
      auth: integrations[this.key].auth,
      host: hostOf(integrations[this.key]),
    });
  }

  start({ opts, event }, variant) {
    if (event) return this.handle(event, variant);
    return this.varia.run(this.connection, this.name, variant, {
      key: this.key,
      opts,
      timeout: 60_000,
    });
  }

  // A run that handles an event leaves the status of the sync as it is.
  async handle(event, variant) {
    const before = (await this.endsOf(variant)).length;
    const { status, body, text } = await this.varia.call('POST', '/varia/events', {
      body: { provider_config_key: this.key, connection_id: this.connection, ...event },
    });
    assert.equal(status, 202, text);
    assert.deepEqual(body.syncs, [this.name]);
    const ended = async () => {
      const found = await this.endsOf(variant);
      return found.length > before && found;
    };
    const [{ what, detail }] = await until(ended, { timeout: 20_000, what: 'the event' });
    const now = await this.varia.status(this.connection, this.name, variant, this.key);
    const latestExecutionStatus = what === 'success' ? 'SUCCESS' : 'STOPPED';
    return { ...now, latestExecutionStatus, latestResult: detail.result, error: detail.error };
  }

  /** The ends of a variant's runs, newest first. */
  async endsOf(variant) {
    const query = new URLSearchParams({
      provider_config_key: this.key,
      connection_id: this.connection,
      name: this.name,
      variant,
    });
    const { body } = await this.varia.call('GET', `/varia/variants/runs?${query}`);
    return body.runs.filter(({ what }) => ['success', 'failed'].includes(what));
  }

  async row(variant, sync = this.name) {
    const rows = await this.varia.variants(this.connection, sync, this.key);
    return rows.find((one) => one.variant === variant);
  }

  async checkEnd({ fails }, variant, status, at) {
    const error = status.error ?? (await this.row(variant)).last_error;
    const wrong = this.provider.faults();
    assert.deepEqual(wrong, [], `${at}: ${wrong.join('\n')}\n${JSON.stringify(error)}`);
    if (!fails) {
      assert.equal(status.latestExecutionStatus, 'SUCCESS', `${at}: ${JSON.stringify(error)}`);
      return;
    }
    assert.equal(status.latestExecutionStatus, 'STOPPED', at);
    assert.equal(error.type, fails.type, `${at}: ${JSON.stringify(error)}`);
    if (fails.says) assert.match(error.description, fails.says, at);
    if (fails.at) assert.match(error.stack, fails.at, at);
  }

  async checkCache(variant, sync, step, result, at) {
    const of = `${sync}::${variant}`;
    if (!this.caches.has(of)) this.caches.set(of, new Cache());
    const cache = this.caches.get(of);
    const expected = cache.apply(step);
    for (const model of new Set([...Object.keys(cache.live), ...Object.keys(cache.deleted)])) {
      const all = await this.varia.records(this.connection, model, variant, {
        key: this.key,
        limit: 100,
      });
      assert.deepEqual(
        sortedLive(all),
        sorted([...(cache.live[model]?.values() ?? [])]),
        `${at}: records of ${model} of ${of}`,
      );
      assert.deepEqual(
        deletedOf(all),
        [...(cache.deleted[model] ?? [])].sort(),
        `${at}: deleted records of ${model} of ${of}`,
      );
      this.checkDeletedAt(all, step.deletedAt?.[model] ?? {}, at);
    }
    assert.deepEqual(withoutZeros(result), step.result ?? expected, `${at}: result of ${of}`);
  }

  checkDeletedAt(records, times, at) {
    for (const [id, time] of Object.entries(times)) {
      const { _nango_metadata: found } = records.find((one) => one.id === id);
      assert.equal(Date.parse(found.deleted_at), Date.parse(time), `${at}: deletion of ${id}`);
    }
  }

  // What the run started of another sync, or of another variant.
  async checkOther({ sync = this.name, variant = 'base', ...expected }, at) {
    const status = await this.varia.when(
      this.connection,
      sync,
      variant,
      (now) => now.finishedAt !== undefined && now.status !== 'RUNNING',
      { key: this.key },
    );
    assert.equal(status.latestExecutionStatus, 'SUCCESS', `${at}: ${sync}::${variant}`);
    await this.checkCache(variant, sync, expected, status.latestResult, at);
  }

  async checkState(step, variant, status, at) {
    const checkpoint = step.checkpoint ?? null;
    assert.deepEqual(status.checkpoint ?? null, checkpoint, `${at}: checkpoint`);
    if (step.metadata !== undefined) this.metadata = step.metadata;
    const { metadata } = await this.varia.nango.getConnection(this.key, this.connection);
    assert.deepEqual(metadata ?? null, this.metadata, `${at}: metadata`);
  }

  // Lines may arrive a moment after the run has ended.
  async checkLog({ log, logs }, variant, at) {
    if (logs === undefined) return this.compareLog(log ?? [], variant, at);
    // Said by the platform, whose words are not the scenario's business.
    const lines = await this.linesOf(logs.length, variant);
    assert.equal(lines.length, logs.length, `${at}: log ${JSON.stringify(lines)}`);
    for (const [i, [level, message]] of logs.entries()) {
      assert.equal(lines[i][0], level, at);
      assert.match(lines[i][1], message, at);
    }
  }

  async compareLog(log, variant, at) {
    assert.deepEqual(await this.linesOf(log.length, variant), log, `${at}: log`);
  }

  async linesOf(count, variant) {
    const [{ detail }] = await this.endsOf(variant);
    const query = new URLSearchParams({
      provider_config_key: this.key,
      connection_id: this.connection,
      name: this.name,
      variant,
      limit: 200,
    });
    let lines = [];
    await until(
      async () => {
        const { body } = await this.varia.call('GET', `/varia/variants/log?${query}`);
        lines = body.lines
          .reverse()
          .filter((line) => line.run === detail.run && isScripts(line))
          .map(({ level, message, payload }) => [level, message, ...(payload ? [payload] : [])]);
        return lines.length >= count;
      },
      { timeout: 5000, what: 'the log lines', every: 50 },
    ).catch(() => {});
    return lines;
  }
}

// The log of a run also has its requests to the provider.
const isScripts = (line) => line.http === undefined && line.type !== 'http';

const sorted = (records) => records.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));

function sortedLive(records) {
  return sorted(
    records
      .filter((one) => one._nango_metadata.last_action !== 'DELETED')
      .map(({ _nango_metadata: _, ...record }) => record),
  );
}

function deletedOf(records) {
  return records
    .filter((one) => one._nango_metadata.last_action === 'DELETED')
    .map(({ id }) => id)
    .sort();
}

function withoutZeros(result = {}) {
  const entries = Object.entries(result).filter(([, counts]) =>
    Object.values(counts).some((count) => count > 0),
  );
  return Object.fromEntries(entries);
}
