// Bundles the runtime: `node build.mjs OUT_DIR` writes child.cjs and compile.cjs. Not minified, so
// that a stack trace can be read.

import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import * as esbuild from 'esbuild';

export async function build(outDir) {
  await esbuild.build({
    absWorkingDir: fileURLToPath(new URL('.', import.meta.url)),
    entryPoints: ['src/child.mjs', 'src/compile.mjs'],
    outdir: outDir,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    external: ['esbuild'],
    // Functions that are not strict show their callers to what they call.
    banner: { js: '"use strict";' },
    legalComments: 'none',
  });
}

if (process.argv[2]) await build(resolve(process.argv[2]));
