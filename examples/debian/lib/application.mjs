// The application's side of the demo: everything it does goes through the public client, and over
// plain HTTP where the client has no call.

import { Nango } from '@nangohq/node';

const integration = 'debian';
const connection = 'debian-archive';
const sync = 'packages';
const model = 'Package';
const pageSize = 2000;

/** Returns the name of the variant that stands for a section: `contrib/net` is `contrib_net`. */
export function variantOf(section) {
  return section.replace(/[^A-Za-z0-9_-]/g, '_');
}

/** One end user's copy of the Debian archive, one variant per section. */
export class Application {
  #cluster;
  #nango;

  constructor(cluster) {
    this.#cluster = cluster;
    this.#nango = new Nango({ host: cluster.url, secretKey: cluster.apiKey });
    this.variants = [];
  }

  async connect(sections) {
    const names = sections.map(({ name }) => [variantOf(name), name]);
    await this.#nango.createIntegration({
      provider: 'api-key',
      unique_key: integration,
      custom: {
        base_url: this.#cluster.providerUrl,
        retry: { after: 'Retry-After' },
      },
    });
    await this.#post('/connections', {
      provider_config_key: integration,
      connection_id: connection,
      credentials: { type: 'API_KEY', apiKey: this.#cluster.providerKey },
      metadata: { sections: Object.fromEntries(names) },
    });
    this.variants = names.map(([variant]) => variant);
  }

  async createVariants() {
    await Promise.all(this.variants.map((variant) => this.#nango.createSyncVariant({
      provider_config_key: integration,
      connection_id: connection,
      name: sync,
      variant,
    })));
  }

  async trigger() {
    const syncs = this.variants.map((variant) => ({ name: sync, variant }));
    await this.#nango.triggerSync(integration, syncs, connection);
  }

  /**
   * Returns how each variant stands, by name: `{ status, execution, finishedAt, records, result,
   * worker, seconds, error }`.
   */
  async standings() {
    const [{ syncs }, hosts] = await Promise.all([
      this.#nango.syncStatus(integration, '*', connection),
      this.#hosts(),
    ]);
    const named = syncs.filter(({ name, variant }) => name === sync && variant !== 'base');
    return new Map(named.map((one) => [one.variant, standing(one, hosts.get(one.variant))]));
  }

  /** Yields all records of a variant. */
  async* records(variant) {
    let cursor = null;
    do {
      const page = await this.#nango.listRecords({
        providerConfigKey: integration,
        connectionId: connection,
        model,
        variant,
        limit: pageSize,
        ...(cursor && { cursor }),
      });
      yield* page.records;
      cursor = page.next_cursor;
    } while (cursor);
  }

  /** Returns which worker hosts each variant, and when its last run began and ended. */
  async #hosts() {
    const query = new URLSearchParams({
      provider_config_key: integration, connection_id: connection, sync,
    });
    const { variants } = await this.#get(`/varia/variants?${query}`);
    return new Map(variants.map((one) => [one.variant, one]));
  }

  #get(path) {
    return this.#call('GET', path);
  }

  #post(path, body) {
    return this.#call('POST', path, body);
  }

  async #call(method, path, body) {
    const headers = { Authorization: `Bearer ${this.#cluster.apiKey}` };
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    const answer = await fetch(`${this.#cluster.url}${path}`, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
    return JSON.parse(text);
  }
}

function standing(status, host) {
  const seconds = host?.finished_at && host?.started_at
    ? (Date.parse(host.finished_at) - Date.parse(host.started_at)) / 1000
    : null;
  return {
    status: status.status,
    execution: status.latestExecutionStatus,
    finishedAt: status.finishedAt ?? null,
    records: status.recordCount?.[model] ?? 0,
    result: status.latestResult?.[model] ?? { added: 0, updated: 0, deleted: 0 },
    worker: host?.worker || '',
    seconds,
    error: host?.last_error?.description ?? '',
  };
}
