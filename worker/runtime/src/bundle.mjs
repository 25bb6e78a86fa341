// One CommonJS bundle per sync: relative imports within, packages left to the runtime.

import { basename } from 'node:path';

import * as esbuild from 'esbuild';

import { allowedModules } from './modules.mjs';
import { fault } from './project.mjs';

const SHIM = `
const tagged = (type) => (definition) => ({ type, ...definition });
exports.createSync = tagged('sync');
exports.createAction = tagged('action');
exports.createOnEvent = tagged('onEvent');
exports.createFunction = tagged('function');
`;

const packages = {
  name: 'packages',
  setup(build) {
    build.onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
      if (kind === 'entry-point') return undefined;
      if (/^nango(?:\/experimental)?$/.test(path)) return { path, namespace: 'shim' };
      if (allowedModules.includes(path)) return { path, external: true };
      const only = 'only nango, zod, url, crypto, soap, unzipper, botbuilder';
      return { errors: [{ text: `scripts may not import "${path}": ${only}` }] };
    });
    build.onLoad({ filter: /.*/, namespace: 'shim' }, () => ({ contents: SHIM, loader: 'js' }));
  },
};

function messageOf({ text, location }) {
  if (!location) return text;
  return fault(location.file, text, location.line, location.column + 1);
}

/** Bundles the entries of a project: path -> code. Tells what is wrong in `faults`. */
export async function bundleEntries(dir, entries, faults) {
  const flat = ({ path }) => path.replace(/\.ts$/, '').replaceAll('/', '_');
  try {
    const { outputFiles } = await esbuild.build({
      absWorkingDir: dir,
      entryPoints: entries.map((entry) => ({ in: `./${entry.path}`, out: flat(entry) })),
      outdir: dir,
      write: false,
      bundle: true,
      format: 'cjs',
      platform: 'node',
      target: 'es2022',
      sourcemap: 'inline',
      sourcesContent: false,
      // A project's own settings are for its editor; they must not change what is built.
      tsconfigRaw: { compilerOptions: { target: 'es2022' } },
      legalComments: 'none',
      logLevel: 'silent',
      plugins: [packages],
    });
    const codes = new Map(outputFiles.map(({ path, text }) => [basename(path, '.js'), text]));
    return new Map(entries.map((entry) => [entry.path, codes.get(flat(entry))]));
  } catch (error) {
    if (!error.errors) throw error;
    faults.push(...error.errors.map(messageOf));
    return new Map();
  } finally {
    await esbuild.stop();
  }
}
