// The HTTP helpers' side of a call: what goes to the host, and what comes back as axios would.

import { types } from 'node:util';

import { AxiosError } from './errors.mjs';
import { harden } from './lockdown.mjs';

const FORM = 'application/x-www-form-urlencoded';
const BODY_METHODS = new Set(['POST', 'PUT', 'PATCH']);
const METHODS = new Set([...BODY_METHODS, 'GET', 'DELETE', 'HEAD', 'OPTIONS']);

// Not imported: only few processes ever need it, and it takes time to load.
export const statusText = (status) =>
  process.getBuiltinModule('node:http').STATUS_CODES[status] ?? '';

function isUrlSearchParams(value) {
  return value instanceof URLSearchParams;
}

function textOf(value) {
  if (types.isDate(value)) return value.toISOString();
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** The query of `params`: arrays joined with commas, undefined and null left out. */
export function queryOf(params) {
  if (params === undefined || params === null) return '';
  if (typeof params === 'string') return params.replace(/^\?/, '');
  if (isUrlSearchParams(params)) return params.toString();
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value === undefined || value === null) continue;
    query.append(name, Array.isArray(value) ? value.join(',') : textOf(value));
  }
  return query.toString();
}

function urlOf(config) {
  const { endpoint } = config;
  if (typeof endpoint !== 'string') throw new TypeError('a request needs an endpoint');
  const query = queryOf(config.params);
  if (!query) return endpoint;
  const [path, hash] = endpoint.split('#', 2);
  const joint = !path.includes('?') ? '?' : /[?&]$/.test(path) ? '' : '&';
  return `${path}${joint}${query}${hash === undefined ? '' : `#${hash}`}`;
}

/** Headers as the host takes them: texts, none of which can break out of its line. */
export function headersOf(given) {
  const headers = {};
  for (const [name, value] of Object.entries(given ?? {})) {
    if (value === undefined || value === null) continue;
    const text = String(value);
    if (/[\r\n\0]/.test(name + text)) throw new TypeError(`not a header: ${JSON.stringify(name)}`);
    headers[name] = text;
  }
  return headers;
}

function contentTypeOf(headers) {
  return Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1];
}

function appendForm(form, name, value) {
  if (value === undefined || value === null) return;
  if (typeof value !== 'object' || types.isDate(value)) {
    form.append(name, textOf(value));
    return;
  }
  for (const [key, held] of Object.entries(value)) {
    const part = Array.isArray(value) && typeof held !== 'object' ? '' : key;
    appendForm(form, name === '' ? key : `${name}[${part}]`, held);
  }
}

function formOf(data) {
  const form = new URLSearchParams();
  appendForm(form, '', data);
  return form.toString();
}

/** Returns [bytes or nil, content type if none was given]. */
export function bodyOf(data, given, method) {
  if (data === undefined || data === null) return [null, undefined];
  const form = BODY_METHODS.has(method) ? FORM : undefined;
  if (ArrayBuffer.isView(data)) {
    return [Buffer.from(data.buffer, data.byteOffset, data.byteLength), form];
  }
  if (types.isAnyArrayBuffer(data)) return [Buffer.from(data), form];
  if (typeof data === 'string') return [Buffer.from(data), form];
  if (isUrlSearchParams(data)) return [Buffer.from(data.toString()), `${FORM};charset=utf-8`];
  if (typeof data === 'object' && given?.includes(FORM)) return [Buffer.from(formOf(data)), given];
  return [Buffer.from(JSON.stringify(data)), 'application/json'];
}

function namesOf(names) {
  return names === undefined || names === null ? undefined : [names].flat().map(String);
}

function retryHeaderOf(retryHeader) {
  if (!retryHeader) return null;
  return { at: namesOf(retryHeader.at), after: namesOf(retryHeader.after) };
}

function flagOf(value) {
  return value === undefined || value === null ? undefined : Boolean(value);
}

/** The arguments of an `http` call for a script's request. Throws on what cannot be sent. */
export function toCall(config, defaultMethod) {
  if (!config || typeof config !== 'object') throw new TypeError('a request needs a configuration');
  const method = String(config.method ?? defaultMethod).toUpperCase();
  if (!METHODS.has(method)) throw new TypeError(`not a method: ${method}`);
  const headers = headersOf(config.headers);
  const given = contentTypeOf(headers);
  const [body, type] = bodyOf(config.data, given, method);
  if (type && !given) headers['content-type'] = type;
  const retries = Number(config.retries ?? 0);
  return {
    method,
    url: urlOf(config),
    baseUrlOverride: config.baseUrlOverride?.toString(),
    headers,
    body,
    retries: Number.isInteger(retries) && retries > 0 ? Math.min(retries, 1000) : 0,
    retryOn: [config.retryOn ?? []].flat().map(Number).filter(Number.isInteger),
    retryHeader: retryHeaderOf(config.retryHeader),
    decompress: flagOf(config.decompress),
    forwardHeadersOnRedirect: flagOf(config.forwardHeadersOnRedirect),
    providerConfigKey: config.providerConfigKey,
    connectionId: config.connectionId,
  };
}

function streamOf(bytes) {
  const { Readable } = process.getBuiltinModule('node:stream');
  const stream = Readable.from([bytes]);
  harden(Readable, Object.getPrototypeOf(stream));
  return stream;
}

function dataOf(body, responseType, parse) {
  // Copied, since its memory is that of all that came with it.
  if (responseType === 'arraybuffer') return Buffer.from(body);
  if (responseType === 'stream') return streamOf(Buffer.from(body));
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '');
  if (responseType === 'text' || text === '') return text;
  try {
    return parse(text);
  } catch {
    return text;
  }
}

/**
 * An axios response of the host's answer. Throws an axios error unless its status is 2xx. `own`
 * has `parse`, `copy` and `headers`, which make objects of the script's context.
 */
export function toResponse(value, config, call, own) {
  const { status, headers, url } = value;
  const shown = own.copy({ ...config, method: call.method.toLowerCase(), url: url ?? call.url });
  const response = own.copy({
    status,
    statusText: statusText(status),
    headers: own.headers(headers),
    data: dataOf(value.body ?? new Uint8Array(), config.responseType, own.parse),
    config: shown,
  });
  if (status >= 200 && status < 300) return response;
  const code = status >= 500 ? 'ERR_BAD_RESPONSE' : 'ERR_BAD_REQUEST';
  throw new AxiosError(`Request failed with status code ${status}`, code, shown, response);
}

/** The axios error of a request that got no response; other errors stay as they are. */
export function networkError(error, config, call) {
  if (error?.type !== 'network') return error;
  const shown = { ...config, method: call.method.toLowerCase(), url: call.url };
  return new AxiosError(error.message, error.code ?? 'ERR_NETWORK', shown);
}
