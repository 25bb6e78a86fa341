// Plays recorded requests against a cluster and compares the answers, in which `{{...}}` stands for
// what differs from one installation to the next.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { until } from '../../e2e/support.mjs';

export const cases = JSON.parse(readFileSync(new URL('observed.json', import.meta.url), 'utf8'));

const patterns = {
  uuid: (x) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(x),
  time: (x) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(x),
  moment: (x) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00$/.test(x),
  text: (x) => typeof x === 'string' && x.length > 0,
  number: (x) => Number.isInteger(x),
  any: () => true,
};

const metadataFields = [
  'first_seen_at', 'last_modified_at', 'last_action', 'deleted_at', 'pruned_at', 'cursor',
];

function areRecords(list, count) {
  return Array.isArray(list) && list.length === count && list.every((record) =>
    typeof record.id === 'string'
    && metadataFields.every((field) => field in record._nango_metadata));
}

// Puts the placeholder where the answer has something that it stands for, so that the rest can be
// compared as a whole.
function blurred(answer, wanted) {
  const [, name, count] = /^\{\{(\w+)(?: (\d+))?\}\}$/.exec(wanted) ?? [];
  if (name === 'records') return areRecords(answer, Number(count)) ? wanted : answer;
  if (name) return patterns[name](answer) ? wanted : answer;
  if (Array.isArray(wanted) && Array.isArray(answer)) {
    return answer.map((each, i) => blurred(each, wanted[i]));
  }
  if (wanted === null || answer === null || typeof wanted !== 'object'
    || typeof answer !== 'object') return answer;
  return Object.fromEntries(
    Object.entries(answer).map(([key, value]) => [key, blurred(value, wanted[key])]));
}

export class Player {
  constructor(varia, connection) {
    this.varia = varia;
    this.values = { connection, key: varia.key };
    this.played = [];
  }

  filled(value) {
    return JSON.parse(JSON.stringify(value).replaceAll(/\{\{(connection|key|cursor)\}\}/g,
      (_, name) => this.values[name] ?? ''));
  }

  /** Sends the request of a case; returns `{ status, body, text, headers }`. */
  async ask({ request }) {
    const { method, path, headers, body, raw, anonymous } = this.filled(request);
    const answer = await this.varia.call(method, path, {
      headers: { ...headers, ...(raw !== undefined && !headers?.['content-type']
        && { 'content-type': 'application/json' }) },
      body, raw, auth: anonymous ? null : headers?.authorization ?? `Bearer ${this.varia.key}`,
    });
    if (answer.body?.next_cursor) this.values.cursor = answer.body.next_cursor;
    return answer;
  }

  /** Plays a case: its answer must be as recorded, or as it says that it is here. */
  async play(one) {
    if (one.prepare) return this[one.prepare](this.filled(one));
    const { status, body } = await this.ask(one);
    const { method, path } = this.filled(one.request);
    this.played.push({ title: one.title, method, path, status, body });
    const wanted = this.filled(one.here ?? one.answer);
    assert.deepEqual({ status, body: blurred(body, wanted.body) },
      { status: wanted.status, body: wanted.body });
  }

  connect({ connection }) {
    return this.varia.connect({ connection, key: 'orders' });
  }

  async create({ connection, sync, variants }) {
    for (const variant of variants) await this.varia.create(connection, sync, variant, 'orders');
  }

  /** Waits until a variant runs, or has run and does no more. */
  async wait({ sync, variant, status }) {
    const { connection } = this.values;
    const query = new URLSearchParams({
      syncs: `${sync}::${variant}`, provider_config_key: 'orders', connection_id: connection,
    });
    await until(async () => {
      const { body } = await this.varia.call('GET', `/sync/status?${query}`);
      const [now] = body.syncs;
      return status === 'RUNNING' ? now?.status === 'RUNNING' && now.latestResult?.Mark
        : now?.finishedAt && now.status !== 'RUNNING';
    }, { timeout: 30_000, what: `${sync}::${variant} to be ${status}` });
  }
}
