// The three ways providers cut long lists into pages.

const BODY_METHODS = new Set(['POST', 'PUT', 'PATCH']);

function getPath(value, path) {
  // Names such as "@odata.nextLink" have a dot of their own.
  if (typeof value === 'object' && value !== null && Object.hasOwn(value, path)) return value[path];
  let at = value;
  for (const key of path.replace(/\[(\w+)\]/g, '.$1').split('.')) {
    if (at === undefined || at === null) return undefined;
    at = at[key];
  }
  return at;
}

const unsafeKeys = new Set(['__proto__', 'constructor', 'prototype']);

function setPath(object, path, value) {
  const keys = path.split('.');
  if (keys.some((key) => unsafeKeys.has(key))) throw new Error(`not a parameter name: ${path}`);
  const last = keys.pop();
  let at = object;
  for (const key of keys) {
    if (typeof at[key] !== 'object' || at[key] === null) at[key] = {};
    at = at[key];
  }
  at[last] = value;
}

function paramsObject(params) {
  if (typeof params === 'string') return Object.fromEntries(new URLSearchParams(params));
  if (params instanceof URLSearchParams) return Object.fromEntries(params);
  return { ...params };
}

/** One paginated request: what to send next, and how to read an answer. */
class Pages {
  constructor(config, rules, send) {
    const method = String(config.method ?? 'GET').toUpperCase();
    const { paginate: _, ...request } = config;
    this.rules = rules;
    this.request = { ...request, method };
    this.inBody = rules.in_body ?? BODY_METHODS.has(method);
    this.send = send;
    if (this.inBody) this.request.data = structuredCopy(config.data);
    else this.request.params = paramsObject(config.params);
    if (rules.limit && rules.limit_name_in_request) {
      this.set(rules.limit_name_in_request, rules.limit);
    }
  }

  set(name, value) {
    if (this.inBody) setPath(this.request.data, name, value);
    else this.request.params[name] = value;
  }

  async fetch() {
    // A copy each time: the script may keep or change the configuration of a response.
    const request = { ...this.request };
    if (this.inBody) request.data = structuredCopy(request.data);
    else if (request.params) request.params = { ...request.params };
    const response = await this.send(request);
    const path = this.rules.response_path;
    return { response, page: (path ? getPath(response.data, path) : response.data) || [] };
  }

  async turned(nextPageParam, response) {
    await this.rules.on_page?.({ nextPageParam, response });
  }
}

function structuredCopy(data) {
  if (data === undefined || data === null) return {};
  const copy = typeof data === 'string' ? parsedOr(data) : JSON.parse(JSON.stringify(data));
  if (typeof copy !== 'object' || copy === null) {
    throw new TypeError('pagination in the body needs an object as data');
  }
  return copy;
}

function parsedOr(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function cursorOf(value) {
  if (typeof value === 'string') return value.trim() || undefined;
  return typeof value === 'number' ? value : undefined;
}

async function* byCursor(pages) {
  const { cursor_path_in_response: path, cursor_name_in_request: name, ...rules } = pages.rules;
  if (!path || !name) {
    throw new Error('cursor pagination needs cursor_path_in_response and cursor_name_in_request');
  }
  if (rules.limit && !rules.limit_name_in_request) {
    throw new Error('a limit needs limit_name_in_request');
  }
  for (;;) {
    const { response, page } = await pages.fetch();
    if (!page.length) return;
    yield page;
    const cursor = cursorOf(getPath(response.data, path));
    await pages.turned(cursor, response);
    if (cursor === undefined) return;
    pages.set(name, cursor);
  }
}

/** The target of the link with a relation in a Link header, if there is one. */
export function linkWithRelation(header, relation) {
  for (const [, target, rest] of String(header ?? '').matchAll(/<([^>]*)>([^<]*)/g)) {
    const relations = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))/i.exec(rest);
    const names = (relations?.[1] ?? relations?.[2] ?? '').toLowerCase().split(/\s+/);
    if (names.includes(relation.toLowerCase())) return target;
  }
  return undefined;
}

function nextLink(rules, response) {
  const relation = rules.link_rel_in_response_header;
  const inHeader = relation && linkWithRelation(response.headers.link, relation);
  if (inHeader) return inHeader;
  const path = rules.link_path_in_response_body;
  const inBody = path && getPath(response.data, path);
  return typeof inBody === 'string' && inBody.trim() ? inBody.trim() : undefined;
}

function follow(request, link) {
  if (link.startsWith('?')) {
    const [path] = request.endpoint.split('?', 1);
    return { ...request, endpoint: path + link, params: undefined };
  }
  if (!/^https?:\/\//i.test(link)) return { ...request, endpoint: link, params: undefined };
  const { origin, pathname, search } = new URL(link);
  return { ...request, baseUrlOverride: origin, endpoint: pathname + search, params: undefined };
}

async function* byLink(pages) {
  const { rules } = pages;
  if (!rules.link_rel_in_response_header && !rules.link_path_in_response_body) {
    throw new Error(
      'link pagination needs link_rel_in_response_header or link_path_in_response_body',
    );
  }
  let last;
  for (;;) {
    const { response, page } = await pages.fetch();
    yield page;
    const link = nextLink(rules, response);
    await pages.turned(link, response);
    if (link === undefined || link === last) return;
    last = link;
    pages.request = follow(pages.request, link);
  }
}

async function* byOffset(pages) {
  const { rules, inBody } = pages;
  const name = rules.offset_name_in_request;
  const method = rules.offset_calculation_method ?? 'by-response-size';
  if (!name) throw new Error('offset pagination needs offset_name_in_request');
  if (!['per-page', 'by-response-size'].includes(method)) {
    throw new Error(`not an offset_calculation_method: ${method}`);
  }
  let offset = Number(rules.offset_start_value ?? 0);
  for (;;) {
    pages.set(name, inBody ? offset : String(offset));
    const { response, page } = await pages.fetch();
    if (!page.length) return;
    yield page;
    if (rules.limit && page.length < rules.limit) return;
    offset += method === 'per-page' ? 1 : page.length;
    await pages.turned(offset, response);
  }
}

const kindsOfPages = new Map([
  ['cursor', byCursor],
  ['link', byLink],
  ['offset', byOffset],
]);

/**
 * The pages of a request. `defaults` are the provider's own rules, over which the script's go;
 * `send(request)` resolves to a response.
 */
export async function* paginate(config, defaults, send) {
  const rules = { ...defaults, ...config?.paginate };
  if (Object.keys(rules).length === 0) {
    throw new Error('the provider has no pagination rules: give them as `paginate`');
  }
  const walk = kindsOfPages.get(String(rules.type).toLowerCase());
  if (!walk) throw new Error(`not a type of pagination: ${rules.type}`);
  yield* walk(new Pages(config, rules, send));
}
