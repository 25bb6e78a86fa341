// A request of the script's own, to anywhere: without the connection's credentials, retries or log.

import { bodyOf, headersOf, statusText } from './http.mjs';

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

function urlOf(given) {
  const url = new URL(given?.href ?? String(given));
  if (url.protocol === 'http:' || url.protocol === 'https:') return url.href;
  throw new TypeError(`not a URL to fetch from: ${url.protocol}`);
}

// An object, a list of pairs, or something that lists pairs, such as a map.
function plainHeaders(given) {
  const isList = typeof given?.[Symbol.iterator] === 'function';
  return headersOf(isList ? Object.fromEntries(given) : given);
}

function toCall({ url, method = 'GET', headers, body }) {
  const upper = String(method).toUpperCase();
  if (!METHODS.has(upper)) throw new TypeError(`not a method: ${upper}`);
  const sent = plainHeaders(headers);
  const isTyped = Object.keys(sent).some((name) => name.toLowerCase() === 'content-type');
  const [bytes, type] = bodyOf(body, undefined, 'GET');
  if (bytes && (upper === 'GET' || upper === 'HEAD')) {
    throw new TypeError(`a request with ${upper} has no body`);
  }
  const kind = typeof body === 'string' ? 'text/plain;charset=UTF-8' : type;
  if (kind && !isTyped) sent['content-type'] = kind;
  return { url: urlOf(url), method: upper, headers: sent, body: bytes };
}

function fail(error) {
  if (error?.type !== 'network') throw error;
  throw Object.assign(new TypeError(`fetch failed: ${error.message}`), { code: error.code });
}

/** `webResponse(answer)` makes the script's response (realm_fetch.mjs). */
export function uncontrolledFetch(session, webResponse) {
  return async (request) => {
    if (typeof request !== 'object' || request === null) {
      throw new TypeError('a request needs its url');
    }
    const call = toCall(request);
    const answer = await session.call('uncontrolledFetch', call).catch(fail);
    const { status, headers, body, url } = answer;
    return webResponse({
      ...{ status, headers, url: url ?? call.url, statusText: statusText(status) },
      redirected: Boolean(url) && url !== call.url,
      body: body ?? new Uint8Array(),
    });
  };
}
