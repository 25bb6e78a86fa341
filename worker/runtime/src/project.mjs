// The index.ts of a project: the list of its functions, one import each.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const IMPORT = /^\s*import\s+(['"])(\.\/[^'"]+)\1/;
const ENTRY = /^\.\/([^/]+)\/(syncs|actions|on-events)\/([^/]+?)(?:\.[jt]s)?$/;
const FOLDERS = '(syncs|actions|on-events)';
const kinds = { syncs: 'sync', actions: 'action', 'on-events': 'onEvent' };
const NAME = /^[\w.-]{1,255}$/;

/** Where something is wrong, in the form that editors understand. */
export function fault(file, message, line = 1, column = 1) {
  return `${file}:${line}:${column}: ${message}`;
}

function entryOf(dir, path, line) {
  const parts = ENTRY.exec(path);
  if (!parts) {
    const message = `"${path}" is not of the form ./<integration>/${FOLDERS}/<name>.js`;
    return { fault: fault('index.ts', message, line) };
  }
  const [, integration, folder, name] = parts;
  const file = `${integration}/${folder}/${name}.ts`;
  if (!NAME.test(name) || !NAME.test(integration)) {
    return { fault: fault('index.ts', `"${integration}/${name}" is not a valid name`, line) };
  }
  if (!existsSync(join(dir, file))) {
    return { fault: fault('index.ts', `${file} does not exist`, line) };
  }
  const source = readFileSync(join(dir, file), 'utf8');
  return { entry: { kind: kinds[folder], integration, name, path: file, source } };
}

/** The functions of a project: {kind, integration, name, path, source}. Faults go to `faults`. */
export function readIndex(dir, faults) {
  if (!existsSync(join(dir, 'index.ts'))) {
    faults.push(fault('index.ts', `there is none in ${dir}`));
    return [];
  }
  const entries = new Map();
  const lines = readFileSync(join(dir, 'index.ts'), 'utf8').split('\n');
  for (const [index, text] of lines.entries()) {
    const path = IMPORT.exec(text)?.[2];
    const found = path ? entryOf(dir, path, index + 1) : {};
    if (found.fault) faults.push(found.fault);
    if (found.entry && entries.has(found.entry.path)) {
      faults.push(fault('index.ts', `${found.entry.path} is imported twice`, index + 1));
    } else if (found.entry) {
      entries.set(found.entry.path, found.entry);
    }
  }
  if (entries.size === 0 && faults.length === 0) {
    faults.push(fault('index.ts', 'imports no function'));
  }
  return [...entries.values()];
}
