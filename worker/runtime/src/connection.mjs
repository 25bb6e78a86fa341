// The script's methods that concern its connection, its integration and their surroundings.

import { statusText } from './http.mjs';

const CONNECTION_MEMO_MS = 60_000;
const INTEGRATION_MEMO_MS = 600_000;

// Answers of the host as JSON texts, kept for a while; each use parses its own copy.
class Memo {
  #session;
  #parse;
  #keptMs;
  #kept = new Map();

  constructor(session, parse, keptMs) {
    this.#session = session;
    this.#parse = parse;
    this.#keptMs = keptMs;
  }

  async ask(method, args, isFresh = false) {
    const key = JSON.stringify([method, { ...args, forceRefresh: undefined }]);
    const known = this.#kept.get(key);
    if (known && !isFresh && performance.now() - known.at < this.#keptMs) {
      return this.#parse(known.text);
    }
    const text = (await this.#session.call(method, args)) ?? 'null';
    this.#kept.set(key, { text, at: performance.now() });
    return this.#parse(text);
  }

  clear() {
    this.#kept.clear();
  }
}

function metadataWriter({ session, context, parse, copy, headers }, memo) {
  return (method, status) => async (metadata) => {
    if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) {
      throw new TypeError('the metadata must be an object');
    }
    const json = JSON.stringify(metadata);
    await session.call(method, { json });
    memo.clear();
    const { connectionId: connection_id, providerConfigKey: provider_config_key } = context;
    const names = JSON.stringify({ connection_id, provider_config_key });
    return copy({
      status,
      statusText: statusText(status),
      headers: headers({}),
      data: parse(`${names.slice(0, -1)}${names === '{}' ? '' : ','}"metadata":${json}}`),
      config: copy({}),
    });
  };
}

// What a program needs in order to speak for a connection, as far as it is a single thing.
function tokenOf({ credentials }) {
  switch (credentials?.type) {
    case 'OAUTH2':
      return credentials.access_token;
    case 'OAUTH1': {
      const { oauth_token: oAuthToken, oauth_token_secret: oAuthTokenSecret } = credentials;
      return { oAuthToken, oAuthTokenSecret };
    }
    default:
      return credentials;
  }
}

/** `tools` has the session, the run's context, and `parse`, `copy` and `headers` (realm.mjs). */
export function connectionMethods(tools) {
  const { session, context, parse, copy } = tools;
  const memo = new Memo(session, parse, CONNECTION_MEMO_MS);
  // The whole run sees the settings that it has seen first.
  const settings = new Memo(session, parse, Infinity);
  const integrations = new Memo(session, parse, INTEGRATION_MEMO_MS);
  const write = metadataWriter(tools, memo);
  const getConnection = async (providerConfigKey, connectionId, options) => {
    const { forceRefresh, refreshToken } = options ?? {};
    return await memo.ask(
      'getConnection',
      { providerConfigKey, connectionId, forceRefresh: forceRefresh ? true : undefined },
      Boolean(forceRefresh || refreshToken),
    );
  };
  return {
    getConnection,
    getMetadata: () => memo.ask('getMetadata', {}),
    getVariantSettings: async () => (await settings.ask('getVariantSettings', {})) ?? parse('{}'),
    setMetadata: write('setMetadata', 201),
    updateMetadata: write('updateMetadata', 200),
    getToken: async () => {
      const token = tokenOf(await getConnection());
      return typeof token === 'object' && token !== null ? copy(token) : token;
    },
    getIntegration: async (options) => {
      const include = [options?.include ?? []].flat().map(String).sort();
      return await integrations.ask('getIntegration', include.length > 0 ? { include } : {});
    },
    getEnvironmentVariables: async () => {
      const text = await session.call('getEnvironmentVariables', {});
      return typeof text === 'string' ? parse(text) : null;
    },
    getWebhookURL: () => session.call('getWebhookURL', {}),
    getFlowAttributes: () => parse(context.attributes ?? 'null'),
  };
}
