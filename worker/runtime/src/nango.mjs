// What the script's `nango` object does. The object itself is made inside the context (realm.mjs).

import { cacheMethods } from './cache.mjs';
import { checkpointMethods, checkpointReader } from './checkpoint.mjs';
import { networkError, toCall, toResponse } from './http.mjs';
import { paginate } from './paginate.mjs';

const MEMO_MS = 60_000;

const missing = [
  ...['setMetadata', 'updateMetadata', 'getToken', 'getIntegration', 'getEnvironmentVariables'],
  ...['getWebhookURL', 'getFlowAttributes', 'tryAcquireLock', 'releaseLock', 'releaseAllLocks'],
  ...['triggerSync', 'startSync', 'triggerAction', 'uncontrolledFetch'],
];

function propertiesOf(context) {
  return {
    variant: context.variant ?? 'base',
    connectionId: context.connectionId,
    providerConfigKey: context.providerConfigKey,
    provider: context.provider,
    environmentName: context.environmentName,
    environmentId: context.environmentId,
    syncId: context.syncId,
    syncJobId: context.runId,
    activityLogId: context.runId,
    lastSyncDate: context.lastSyncDate ?? undefined,
    scriptType: 'sync',
    isCLI: false,
  };
}

// Answers of the host as JSON texts, kept for a minute; each use parses its own copy.
function memo(session, parse) {
  const kept = new Map();
  return async (method, args, fresh) => {
    const key = JSON.stringify([method, args.providerConfigKey, args.connectionId]);
    const known = kept.get(key);
    if (known && !fresh && performance.now() - known.at < MEMO_MS) return parse(known.text);
    const text = (await session.call(method, args)) ?? 'null';
    kept.set(key, { text, at: performance.now() });
    return parse(text);
  };
}

function connectionMethods(session, parse) {
  const remembered = memo(session, parse);
  return {
    getMetadata: () => remembered('getMetadata', {}, false),
    getConnection: (providerConfigKey, connectionId, options) =>
      remembered(
        'getConnection',
        { providerConfigKey, connectionId },
        Boolean(options?.forceRefresh || options?.refreshToken),
      ),
  };
}

function httpMethods(session, parse) {
  const proxy = async (config, method = 'GET') => {
    const call = toCall(config, method);
    let value;
    try {
      value = await session.call('http', call);
    } catch (error) {
      throw networkError(error, config, call);
    }
    return toResponse(value, config, call, parse);
  };
  const as = (method) => async (config) => await proxy({ ...config, method });
  return {
    proxy: async (config) => await proxy(config),
    get: as('GET'),
    post: as('POST'),
    put: as('PUT'),
    patch: as('PATCH'),
    delete: as('DELETE'),
  };
}

function zodValidateInput(logger, fail) {
  return async ({ zodSchema, input }) => {
    const result = zodSchema.safeParse(input);
    if (result.success) return result;
    const { issues } = result.error;
    for (const issue of issues) {
      logger.log([`invalid input: ${issue.path.join('.')}: ${issue.message}`, { level: 'error' }]);
    }
    throw fail(issues);
  };
}

function invalidInput(issues) {
  const error = new Error('invalid input');
  error.name = 'ActionError';
  error.type = 'action_script_runtime_error';
  error.payload = { message: error.message, validation: issues };
  return error;
}

/**
 * What realm.mjs makes the script's object of. `parse` is the JSON parser of the context, `schema`
 * what the definition says its checkpoints are like.
 */
export function createSdk({ session, context, logger, parse, schema }) {
  const http = httpMethods(session, parse);
  const jsonOf = checkpointReader(schema, context.schemaPolicy, logger);
  const checkpoint = checkpointMethods(session, parse, jsonOf);
  const { saveCheckpoint } = checkpoint;
  const models = context.models ?? [];
  const cache = cacheMethods({ session, models, logger, parse, jsonOf, saveCheckpoint });
  return {
    properties: propertiesOf(context),
    methods: {
      ...http,
      ...cache.methods,
      ...checkpoint,
      ...connectionMethods(session, parse),
      log: (...args) => logger.log(args),
      setLogger: (options) => logger.setLevel(options?.level),
      zodValidateInput: zodValidateInput(logger, invalidInput),
    },
    maps: cache.maps,
    generators: {
      ...cache.generators,
      paginate: (config) => paginate(config, context.paginate, http.proxy),
    },
    missing,
  };
}
