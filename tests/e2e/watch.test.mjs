// What those see who watch a cluster: metrics of every process, probes, the progress of a run, its
// trace from the trigger to provider and webhook, and a level of the log that changes.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { before, test } from 'node:test';

import { freePort, integration, root, serve, until, Varia, wholeFile } from './support.mjs';

const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
const traceparent = `00-${trace}-00f067aa0ba902b7-01`;

const file = wholeFile();
const asked = [];
const told = [];
let enough = false;
let varia;
let worker;
let connection;

function listen(take) {
  return serve(file, createServer((request, response) => {
    request.resume();
    request.on('end', () => setTimeout(() => {
      take(request);
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ enough }));
    }, 20));
  }));
}

async function text(url, headers = {}) {
  const answer = await fetch(url, { headers, signal: AbortSignal.timeout(30_000) });
  return { status: answer.status, text: await answer.text() };
}

const scrape = async () => ({
  coordinator: (await varia.call('GET', '/metrics')).text,
  worker: (await text(`${worker}/metrics`)).text,
});

/** The names of metrics that a text of Prometheus, or an expression, has. */
function exported(metrics) {
  return new Set(metrics.split('\n').filter((line) => line && !line.startsWith('#'))
    .map((line) => line.match(/^[a-zA-Z_:][a-zA-Z0-9_:]*/)[0]));
}

function namesIn(expression) {
  return expression.match(/\b(?:varia|process)_[a-z0-9_]+/g) ?? [];
}

before(async () => {
  const provider = await listen((request) => asked.push(request.headers));
  const application = await listen((request) => told.push(request.headers));
  const port = await freePort();
  worker = `http://127.0.0.1:${port}`;
  varia = await Varia.start(file, {
    workers: 1, flags: ['--set', `worker.metrics_listen=127.0.0.1:${port}`],
  });
  await varia.call('PUT', '/varia/webhooks/settings', { body: { primary_url: application } });
  connection = await varia.connect({ baseUrl: provider });
  await varia.create(connection, 'poll', 'eu');
});

test('a run tells how far it is, and carries its trace to provider and webhook', async () => {
  const started = await varia.call('POST', '/sync/trigger', {
    headers: { traceparent, tracestate: 'vendor=7' },
    body: {
      provider_config_key: integration, connection_id: connection,
      syncs: [{ name: 'poll', variant: 'eu' }],
    },
  });
  assert.equal(started.status, 200, started.text);
  const progress = await until(async () => {
    const row = (await varia.variants(connection, 'poll')).find(({ variant }) => variant === 'eu');
    return row.progress?.requests > 1 ? row.progress : null;
  }, { timeout: 30_000, what: 'progress' });
  assert.ok(progress.pages > 0 && progress.pages <= progress.requests);
  assert.ok(progress.elapsed_ms > 0 && progress.slot_wait_ms >= 0);
  enough = true;
  const ended = await varia.when(connection, 'poll', 'eu',
    ({ latestExecutionStatus: status }) => status === 'SUCCESS');
  assert.ok(ended);
  const [row] = await varia.variants(connection, 'poll').then((all) =>
    all.filter(({ variant }) => variant === 'eu'));
  assert.equal(row.progress, null);

  assert.ok(asked.length > 1);
  for (const headers of asked) {
    assert.match(headers.traceparent, new RegExp(`^00-${trace}-[0-9a-f]{16}-01$`));
    assert.equal(headers.tracestate, 'vendor=7');
  }
  assert.equal(new Set(asked.map((headers) => headers.traceparent)).size, asked.length);
  const hook = await until(() => told.find((headers) => headers.traceparent?.includes(trace)),
    { timeout: 30_000, what: 'the webhook' });
  assert.notEqual(hook.traceparent, traceparent);

  const query = new URLSearchParams({
    provider_config_key: integration, connection_id: connection, name: 'poll', variant: 'eu',
  });
  const { body } = await varia.call('GET', `/varia/variants/runs?${query}`);
  const run = body.runs.find(({ what }) => what === 'success');
  assert.equal(run.detail.trace_id, trace);
  assert.equal(run.detail.progress.requests, asked.length);
});

test('every metric that dashboards and alerts use is exported and well-formed', async () => {
  const all = await until(async () => {
    const now = await scrape();
    return /varia_worker_runs_running/.test(now.worker) ? now : null;
  }, { timeout: 30_000, what: 'the metrics of a worker' });
  for (const [kind, metrics] of Object.entries(all)) {
    const checked = spawnSync('promtool', ['check', 'metrics'],
      { input: metrics, timeout: 60_000 });
    assert.equal(checked.status, 0, `${kind}: ${checked.stdout}${checked.stderr}`);
    assert.ok(!metrics.includes(connection), `${kind} names a connection`);
  }
  const known = new Set([...exported(all.coordinator), ...exported(all.worker)]);
  const boards = join(root, 'deploy/grafana');
  const wanted = readdirSync(boards).filter((name) => name.endsWith('.json')).flatMap((name) =>
    JSON.parse(readFileSync(join(boards, name))).panels.flatMap(({ targets = [] }) =>
      targets.flatMap(({ expr }) => namesIn(expr))));
  const rules = readFileSync(join(root, 'deploy/prometheus/rules.yaml'), 'utf8');
  wanted.push(...namesIn(rules));
  assert.ok(wanted.length > 80);
  assert.deepEqual([...new Set(wanted)].filter((name) => !known.has(name)), []);
  assert.match(all.worker, /^varia_runs_total\{outcome="success"\} [1-9]/m);
  assert.match(all.coordinator, /^varia_coordinator_is_leader 1$/m);
  assert.match(all.coordinator, /^varia_workers\{duty="active"\} 1$/m);
});

test('probes say how a process is', async () => {
  assert.equal((await text(`${worker}/livez`)).status, 200);
  const ready = await text(`${worker}/readyz?verbose`);
  assert.deepEqual(JSON.parse(ready.text).checks,
    [{ name: 'cluster', ok: true, required: true, detail: 'joined the cluster' }]);
  assert.equal((await text(`${varia.url}/readyz`)).status, 200);
  assert.equal((await text(`${varia.url}/metrics`)).status, 401);
});

test('the level of the log changes while a process runs', async () => {
  const log = () => readFileSync(join(varia.data, 'worker-1.log'), 'utf8');
  const set = await varia.call('PUT', '/varia/log-level',
    { body: { level: 'debug', process: 'worker-1', for_s: 600 } });
  assert.equal(set.status, 200, set.text);
  await until(() => /debug +worker-1: logging from level debug on/.test(log()),
    { timeout: 30_000, what: 'the level to change', detail: log });
  await varia.call('DELETE', '/varia/log-level?process=worker-1');
  await until(() => /info +worker-1: logging from level info on/.test(log()),
    { timeout: 30_000, what: 'the level to change back', detail: log });
});
