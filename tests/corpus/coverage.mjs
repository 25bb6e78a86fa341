// What the scripts of the corpus must use between them: everything the script API has, and the
// habits that are common among real integrations. Each feature has the fewest scripts it needs.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

import { corpus, scripts } from './player.mjs';

const methods = [
  ...['get', 'post', 'put', 'patch', 'delete', 'proxy', 'paginate', 'uncontrolledFetch'],
  ...['batchSave', 'batchSend', 'batchUpdate', 'batchDelete', 'getRecordsByIds', 'listRecords'],
  ...['trackDeletesStart', 'trackDeletesEnd', 'deleteRecordsFromPreviousExecutions'],
  ...['setMergingStrategy', 'getCheckpoint', 'saveCheckpoint', 'clearCheckpoint'],
  ...['getMetadata', 'setMetadata', 'updateMetadata', 'getConnection', 'getToken'],
  ...['getIntegration', 'getEnvironmentVariables', 'getWebhookURL', 'getFlowAttributes'],
  ...['log', 'setLogger', 'zodValidateInput', 'ActionError', 'tryAcquireLock', 'releaseLock'],
  ...['releaseAllLocks', 'triggerSync', 'startSync', 'triggerAction'],
].map((name) => [`nango.${name}`, new RegExp(`nango\\s*\\.\\s*${name}\\s*[<(]`), 1]);

const properties = [
  ...['variant', 'connectionId', 'providerConfigKey', 'provider', 'environmentName'],
  ...['environmentId', 'nangoConnectionId', 'syncId', 'syncJobId', 'activityLogId', 'lastSyncDate'],
].map((name) => [
  `nango.${name}`,
  new RegExp(`nango\\.${name}\\b|\\b${name}\\b[^;]*} = nango;`),
  1,
]);

// As often as in a survey of 1,131 real syncs, cut down to the size of this corpus.
const common = [
  ['paginate by cursor', /type: 'cursor'/, 5],
  ['paginate by link', /type: 'link'/, 3],
  ['paginate by offset', /type: 'offset'/, 4],
  ['on_page', /on_page:/, 2],
  ['response_path', /response_path:/, 8],
  ['limit', /limit_name_in_request:/, 6],
  ['saveCheckpoint', /saveCheckpoint\(/, 8],
  ['checkpoint with a batch', /'\w+',\s*\{ checkpoint:/, 1],
  ['trackDeletes', /trackDeletesStart\(/, 5],
  ['retries', /retries: \d/, 30],
  ['safeParse', /\.safeParse\(/, 2],
  ['for await', /for await \(/, 14],
  ['try and catch', /\bcatch (?:\(|\{)/, 3],
];

const requests = [
  ['pages of the provider', /paginate: \{ limit: 2 \}/],
  ['no rules of pages', /companies\/archived/],
  ['offset by page', /'per-page'/],
  ['offset by rows', /'by-response-size'/],
  ['offset from elsewhere', /offset_start_value: 1/],
  ['link in a header', /link_rel_in_response/],
  ['link in the body', /link_path_in_response_body/],
  ['dotted name in a body', /'search\.page\./],
  ['pages in a body', /method: 'POST' as const/],
  ['retryOn', /retryOn: \[/],
  ['retry at and after', /retryHeader: \{ at: .*after: /],
  ['baseUrlOverride', /baseUrlOverride:/],
  ['headers', /headers: \{/],
  ['arrays in params', /labelIds: metadata\?\.labels/],
  ['undefined in params', /team: undefined/],
  ['null in params', /team_id: null/],
  ['params as text', /params: 'recursive/],
  ['absolute endpoint', /endpoint: 'https:/],
  ['JSON body', /data: \{ channel/],
  ['form of an object', /x-www-form-urlencoded/],
  ['form of URLSearchParams', /data: form/],
  ['text body', /data: 'tick'/],
  ['bytes', /responseType: 'arraybuffer'/],
  ['text', /responseType: 'text'/],
  ['another connection', /connectionId: books/],
  ['decompress', /decompress: true/],
  ['status of an error', /err\.response\?\.status/],
].map(([name, pattern]) => [name, pattern, 1]);

const language = [
  ['helper imports', /from '\.\.\/\.\.?\/.*\.js'/, 4],
  ['async generators', /async function\*/, 1],
  ['Promise.all', /Promise\.all\(/, 1],
  ['crypto', /from 'crypto'/, 1],
  ['url', /from 'node:url'/, 1],
  ['URL', /new URL\(/, 2],
  ['URLSearchParams', /new URLSearchParams\(/, 2],
  ['Buffer', /Buffer\./, 1],
  ['setTimeout', /setTimeout\(/, 1],
  ['BigInt', /BigInt\(/, 1],
  ['Reflect', /Reflect\./, 1],
  ['Symbol', /Symbol\(/, 1],
  ['private fields', /this\.#/, 1],
  ['while', /while \(/, 2],
  ['console', /console\.log\(/, 1],
  ['Date', /new Date\(/, 2],
];

const schemas = [
  ...['optional', 'nullable', 'nullish', 'union', 'record', 'passthrough', 'enum', 'literal'],
  ...[
    'discriminatedUnion',
    'transform',
    'default',
    'coerce',
    'date',
    'tuple',
    'refine',
    'catchall',
  ],
  ...['int', 'unknown', 'any', 'describe', 'catch', 'set', 'min', 'email', 'or', 'and'],
].map((name) => [`zod ${name}`, new RegExp(`\\.${name}\\b`), 1]);

const definitions = [
  ['onWebhook', /onWebhook: async/, 2],
  ['webhookSubscriptions', /webhookSubscriptions: \[/, 2],
  ['endpoints', /endpoints: \[/, 2],
  ['scopes', /scopes: \[/, 1],
  ['metadata', /metadata: /, 5],
  ['checkpoint', /checkpoint: z/, 8],
  ['autoStart', /autoStart: true/, 20],
  ['no autoStart', /autoStart: false/, 5],
  ['syncType full', /syncType: 'full'/, 1],
  ['syncType incremental', /syncType: 'incremental'/, 1],
  ['no frequency', /^((?!frequency:)[^])*$/, 1],
  ...['hour', '1h', '3 hours', '6 hours', '5m', '6min', '5 minutes', '30 minutes', 'half hour'].map(
    (text) => [`every ${text}`, new RegExp(`frequency: 'every ${text}'`), 1],
  ),
  ...['every day', 'every 1 day', 'every week', '5m', '30s'].map((text) => [
    text,
    new RegExp(`frequency: '${text}'`),
    1,
  ]),
];

export const features = [
  ...[methods, properties, common, requests, language, schemas, definitions].flat(),
];

/** The text of a script and of all it imports from the corpus. */
export function sourceOf({ key, name }) {
  const seen = new Map();
  const waiting = [join(corpus, key, 'syncs', `${name}.ts`)];
  for (let path = waiting.pop(); path; path = waiting.pop()) {
    if (seen.has(path)) continue;
    const text = readFileSync(path, 'utf8');
    seen.set(path, text);
    for (const [, target] of text.matchAll(/from '(\.[^']+)\.js'/g)) {
      waiting.push(normalize(join(dirname(path), `${target}.ts`)));
    }
  }
  return [...seen.values()].join('\n');
}

/** Which features too few scripts use: `name: 1 of 3`. */
export function missingFeatures() {
  const sources = scripts.map(sourceOf);
  return features
    .map(([name, pattern, least]) => {
      const count = sources.filter((source) => pattern.test(source)).length;
      return count < least ? `${name}: ${count} of ${least}` : undefined;
    })
    .filter(Boolean);
}

/** Scripts without a scenario, scenarios without a script, and scripts that no index names. */
export function strays() {
  const known = new Set(scripts.map(({ key, name }) => `${key}/${name}`));
  const lists = readdirSync(corpus, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(corpus, entry.name, 'syncs')))
    .flatMap(({ name: key }) =>
      [
        ['syncs', '.ts'],
        ['scenarios', '.mjs'],
      ].flatMap(([kind, end]) =>
        readdirSync(join(corpus, key, kind)).map(
          (file) => `${key}/${kind}/${file.replace(end, '')}`,
        ),
      ),
    );
  const all = new Set(lists);
  const wanted = [...known].flatMap((one) => [
    one.replace('/', '/syncs/'),
    one.replace('/', '/scenarios/'),
  ]);
  return [
    ...wanted.filter((one) => !all.has(one)),
    ...lists.filter((one) => !wanted.includes(one)),
  ];
}
