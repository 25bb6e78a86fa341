// Reads the package index of this machine: what `apt-cache dumpavail` prints.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** How far back the made-up change times reach: the year before this moment. */
export const changesEnd = Date.parse('2026-01-01T00:00:00Z');
const yearInSeconds = 365 * 24 * 3600;

/** Returns the text of the package index; fails after a minute, or when `signal` says so. */
export async function readIndex(signal) {
  const env = { ...process.env, LC_ALL: 'C' };
  const options = { maxBuffer: 1 << 30, timeout: 60_000, env, signal };
  const { stdout } = await run('apt-cache', ['dumpavail'], options);
  return stdout;
}

/**
 * Parses one stanza into a map from the name of a field in lower case to its value. The lines of a
 * folded field are joined with line feeds, without the blank that marks them as folded.
 */
export function parseStanza(text) {
  const fields = new Map();
  let last;
  for (const line of text.split('\n')) {
    if (line.startsWith(' ') || line.startsWith('\t')) {
      if (last !== undefined) fields.set(last, `${fields.get(last)}\n${line.slice(1)}`);
      continue;
    }
    const colon = line.indexOf(':');
    if (colon < 1) continue;
    last = line.slice(0, colon).toLowerCase();
    fields.set(last, line.slice(colon + 1).trim());
  }
  return fields;
}

/** Parses a whole index. Stanzas that name no package are left out. Sorted by id. */
export function parsePackages(text) {
  const packages = [];
  for (const stanza of text.split(/\n\n+/)) {
    const fields = parseStanza(stanza);
    if (fields.has('package')) packages.push(toPackage(fields));
  }
  return packages.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

/**
 * Returns when a package changed last. The index does not tell, so it is made up from the
 * checksum: the same package always changed at the same second of the year before `changesEnd`.
 */
export function changedAt(sha256) {
  const seconds = Number.parseInt(sha256.slice(0, 8), 16) % yearInSeconds;
  return new Date(changesEnd - seconds * 1000).toISOString();
}

function toPackage(fields) {
  const name = fields.get('package');
  const version = fields.get('version') ?? '';
  const architecture = fields.get('architecture') ?? 'all';
  // What was installed from a file without a repository has no checksum in the index.
  const sha256 = fields.get('sha256') ?? hashOf(`${name} ${version} ${architecture}`);
  return {
    id: `${name}:${architecture}`,
    name,
    version,
    section: fields.get('section') || 'unknown',
    architecture,
    priority: fields.get('priority') ?? 'optional',
    maintainer: fields.get('maintainer') ?? '',
    installed_size: Number(fields.get('installed-size') ?? 0),
    size: Number(fields.get('size') ?? 0),
    description: firstLine(fields.get('description') ?? ''),
    ...optional('source', fields.get('source')),
    ...optional('depends', fields.get('depends')),
    ...optional('homepage', fields.get('homepage')),
    ...optional('filename', fields.get('filename')),
    sha256,
    changed_at: changedAt(sha256),
  };
}

function optional(name, value) {
  return value === undefined ? {} : { [name]: value };
}

function firstLine(text) {
  return text.split('\n', 1)[0];
}

function hashOf(text) {
  return createHash('sha256').update(text).digest('hex');
}
