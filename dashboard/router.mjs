// Places of the dashboard are named behind the `#` of the address, so that one document serves all.

/** Returns the address of a place, of which each part may have any characters. */
export function href(...parts) {
  return `#/${parts.map(encodeURIComponent).join('/')}`;
}

/** Reads an address: `{ parts, query }`. What cannot be decoded is taken as it stands. */
export function readPlace(hash) {
  const [path, words = ''] = hash.replace(/^#?\/?/, '').split('?');
  return {
    parts: path.split('/').filter((part) => part !== '').map(decoded),
    query: Object.fromEntries(new URLSearchParams(words)),
  };
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Notes a choice, such as a filter, in the address, without going to another place. */
export function noteInPlace(choices) {
  const { parts, query } = readPlace(location.hash);
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...query, ...choices })) {
    if (value) words.set(name, value);
  }
  const end = words.size > 0 ? `?${words}` : '';
  history.replaceState(null, '', `${href(...parts)}${end}`);
}

/** The four words that name a variant, in the order of an address. */
export function wordsOf(x) {
  return [x.provider_config_key, x.connection_id, x.sync ?? x.name, x.variant];
}

/** The address of the page of a variant, or of a part of it. */
export function variantHref(x, ...more) {
  return href('variant', ...wordsOf(x), ...more);
}

/** The address of the page of a sync. */
export function syncHref(x, ...more) {
  return href('sync', ...wordsOf(x).slice(0, 3), ...more);
}

/** The address of the page of a connection. */
export function connectionHref(x) {
  return href('connection', x.provider_config_key, x.connection_id);
}
