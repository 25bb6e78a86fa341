// Writes the recorded requests, and probes, as inputs for the fuzzer, one file each:
//
//   node seeds.mjs FOLDER

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [, , folder] = process.argv;
const cases = JSON.parse(
  readFileSync(new URL('../corpus/http/observed.json', import.meta.url), 'utf8'));

mkdirSync(folder, { recursive: true });
for (const [i, { request }] of cases.entries()) {
  if (!request) continue;
  const { method, path, headers = {}, body, raw } = request;
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\n`).join('');
  const text = raw ?? (body === undefined ? '' : JSON.stringify(body));
  writeFileSync(join(folder, `seed-${i}`),
    `${method} ${path}\n${lines}\n${text}`.replaceAll('{{connection}}', 'c1'));
}
for (const probe of ['livez', 'readyz', 'startupz']) {
  writeFileSync(join(folder, `probe-${probe}`), `GET /${probe}?verbose\n\n`);
}
