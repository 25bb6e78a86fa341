// What kind of API each integration of the corpus stands for, and how its requests must be signed.

const basic = (user, password) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

export const integrations = {
  postbox: {
    provider: 'bearer',
    custom: { base_url: 'https://api.postbox.example/v1' },
    credentials: { type: 'API_KEY', apiKey: 'pb-secret-1' },
    auth: { headers: { authorization: 'Bearer pb-secret-1' } },
  },
  cabinet: {
    provider: 'api-key',
    custom: { base_url: 'https://www.cabinet.example/drive/v2/', auth_query: 'key' },
    credentials: { type: 'API_KEY', apiKey: 'cab/secret+2' },
    auth: { query: { key: 'cab/secret+2' } },
  },
  huddle: {
    provider: 'bearer',
    custom: { base_url: 'https://huddle.example/api', headers: { 'x-api-version': '2025-01' } },
    credentials: { type: 'API_KEY', apiKey: 'xoxb-secret-3' },
    auth: { headers: { authorization: 'Bearer xoxb-secret-3', 'x-api-version': '2025-01' } },
  },
  forge: {
    provider: 'api-key',
    custom: { base_url: 'https://forge.example/api/v4', auth_header: 'Private-Token' },
    credentials: { type: 'API_KEY', apiKey: 'glpat-secret-4' },
    auth: { headers: { 'private-token': 'glpat-secret-4' } },
  },
  relay: {
    provider: 'basic',
    custom: {
      base_url: 'https://crm.relay.example',
      paginate: {
        type: 'cursor',
        cursor_path_in_response: 'meta.next',
        cursor_name_in_request: 'after',
        response_path: 'objects',
        limit_name_in_request: 'count',
        limit: 100,
      },
    },
    credentials: { type: 'BASIC', username: 'sales@relay.example', password: 'pass:word' },
    auth: { headers: { authorization: basic('sales@relay.example', 'pass:word') } },
  },
  deskly: {
    provider: 'api-key',
    custom: {
      base_url: 'https://help.deskly.example/api/v2',
      auth_scheme: 'basic',
      retry: { after: 'x-wait' },
    },
    credentials: { type: 'API_KEY', apiKey: 'desk-secret-6' },
    auth: { headers: { authorization: basic('desk-secret-6', '') } },
  },
  ledger: {
    provider: 'api-key',
    custom: {
      base_url: 'https://books.ledger.example/v3',
      auth_header: 'Authorization',
      auth_prefix: 'Token',
    },
    credentials: { type: 'API_KEY', apiKey: 'led-secret-7' },
    auth: { headers: { authorization: 'Token led-secret-7' } },
  },
  roster: {
    provider: 'bearer',
    custom: { base_url: 'https://people.roster.example' },
    credentials: { type: 'API_KEY', apiKey: 'ros-secret-8' },
    auth: { headers: { authorization: 'Bearer ros-secret-8' } },
  },
  beacon: {
    provider: 'unauthenticated',
    custom: { base_url: 'https://status.beacon.example' },
    credentials: { type: 'NONE' },
    auth: { headers: { authorization: null } },
  },
  shelf: {
    provider: 'api-key',
    custom: { base_url: 'https://shop.shelf.example/admin' },
    credentials: { type: 'API_KEY', apiKey: 'shelf-secret-10' },
    auth: { headers: { 'x-api-key': 'shelf-secret-10' } },
  },
};

/** The host that an integration's requests are meant for, unless they say otherwise. */
export const hostOf = ({ custom }) => new URL(custom.base_url).host;
