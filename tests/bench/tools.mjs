// What the measures share.

import { root, Varia } from '../e2e/support.mjs';

/** The integration of the bench's project. */
export const key = 'bench';

/** Each connection has a base variant of each sync of the project. */
export const syncCount = 6;

const project = `${root}/tests/bench/project`;

export const start = (scope, options) => Varia.start(scope, { project, ...options });

export const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

export const quantile = (values, share) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];

export const numbered = (count, prefix = 'v') =>
  Array.from({ length: count }, (_, i) => `${prefix}${i}`);

/** Triggers a variant of `begin`, and returns when it did. */
export async function trigger(wire, connection, variant) {
  const begin = Date.now();
  const syncs = [{ name: 'begin', variant }];
  const body = { provider_config_key: key, connection_id: connection, syncs };
  await wire.ask('POST', '/sync/trigger', { body });
  return begin;
}

/** Triggers a variant of `begin`, and returns how many ms it took until its first line ran. */
export async function startDelay(varia, wire, connection, variant) {
  const begin = await trigger(wire, connection, variant);
  const { checkpoint } = await varia.when(connection, 'begin', variant,
    (now) => now.status !== 'RUNNING' && now.checkpoint?.at >= begin, { key });
  return checkpoint.at - begin;
}
