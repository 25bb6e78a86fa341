// What the script's `nango` object does. The object itself is made inside the context (realm.mjs).

import { cacheMethods } from './cache.mjs';
import { checkpointMethods, checkpointReader } from './checkpoint.mjs';
import { connectionMethods } from './connection.mjs';
import { controlMethods } from './control.mjs';
import { uncontrolledFetch } from './fetch.mjs';
import { networkError, toCall, toResponse } from './http.mjs';
import { ModelSchemas } from './models.mjs';
import { paginate } from './paginate.mjs';

const scriptTypes = { onWebhook: 'webhook', action: 'action', onEvent: 'on-event' };

/** Whether a run is a call of an action or of an on-event function, which have no records. */
export function isCall({ kind }) {
  return kind === 'action' || kind === 'onEvent';
}

function propertiesOf(context) {
  const { syncName: sync_name, models } = context;
  return {
    ...(!isCall(context) && { variant: context.variant ?? 'base' }),
    connectionId: context.connectionId,
    nangoConnectionId: context.nangoConnectionId,
    providerConfigKey: context.providerConfigKey,
    provider: context.provider,
    environmentName: context.environmentName,
    environmentId: context.environmentId,
    accountId: context.accountId,
    syncId: context.syncId,
    syncJobId: context.runId,
    activityLogId: context.runId,
    lastSyncDate: context.lastSyncDate ?? undefined,
    scriptType: scriptTypes[context.kind] ?? 'sync',
    isCLI: false,
    syncConfig: { sync_name, models },
    integrationConfig: {},
    runnerFlags: {},
  };
}

function httpMethods(session, own) {
  const proxy = async (config, method = 'GET') => {
    const call = toCall(config, method);
    let value;
    try {
      value = await session.call('http', call);
    } catch (error) {
      throw networkError(error, config, call);
    }
    return toResponse(value, config, call, own);
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

const noRecords = { methods: {}, maps: {}, generators: {} };

function zodValidateInput(logger, ActionError) {
  return async ({ zodSchema, input }) => {
    const result = zodSchema.safeParse(input);
    if (result.success) return result;
    const { issues } = result.error;
    for (const issue of issues) {
      logger.log([`invalid input: ${issue.path.join('.')}: ${issue.message}`, { level: 'error' }]);
    }
    throw new ActionError({ message: 'invalid input', validation: issues });
  };
}

/**
 * {sdk, close}: what realm.mjs makes the script's object of, and what is to be called at the end
 * of the run. `definition` is what the script exports.
 */
export function createSdk({ session, context, logger, sandbox, definition }) {
  const { parse } = sandbox;
  const http = httpMethods(session, sandbox);
  const jsonOf = checkpointReader(definition?.checkpoint, context.schemaPolicy, logger);
  const checkpoint = checkpointMethods(session, parse, jsonOf);
  const schemas = new ModelSchemas(definition?.models, context.schemaPolicy, logger);
  const models = context.models ?? [];
  const { saveCheckpoint } = checkpoint;
  const tools = { session, logger, parse, models, schemas, jsonOf, saveCheckpoint };
  const cache = isCall(context) ? noRecords : cacheMethods(tools);
  const sdk = {
    properties: propertiesOf(context),
    values: {
      ...http,
      ...cache.methods,
      ...checkpoint,
      ...connectionMethods({ ...sandbox, session, context }),
      ...controlMethods(session, parse),
      setLogger: (options) => logger.setLevel(options?.level),
      zodValidateInput: zodValidateInput(logger, sandbox.ActionError),
      uncontrolledFetch: uncontrolledFetch(session, sandbox.webResponse),
    },
    silent: {
      log: (args) => {
        logger.log(args);
        return session.isCrowded();
      },
    },
    maps: cache.maps,
    generators: {
      ...cache.generators,
      paginate: (config) => paginate(config, context.paginate, http.proxy),
    },
  };
  return { sdk, close: () => schemas.close() };
}
