// How actions and on-event functions are run: input and output, and the schemas they declare.

import { isSchema, mismatch } from './schema.mjs';

const OUTPUT_BYTES_MAX = 2 << 20;

function typed(type, message) {
  return Object.assign(new Error(message), { type });
}

function execOf({ definition }, type, what) {
  if (typeof definition === 'function') return definition;
  if (definition?.type === type && typeof definition.exec === 'function') {
    return (nango, input) => definition.exec(nango, input);
  }
  throw new Error(`the script exports neither ${what} nor a function by default`);
}

// By the same policy as checkpoints and records; a value counts as matching if any form of it does.
function judge(what, schema, forms, { schemaPolicy }, logger) {
  if (schemaPolicy === 'off' || !isSchema(schema)) return;
  const found = forms.map((value) => mismatch(schema, value));
  if (found.includes(undefined)) return;
  const message = `the ${what} does not match its schema: ${found[0]}`;
  if (schemaPolicy === 'reject') throw typed(`invalid_action_${what}`, message);
  logger.log([message, { level: 'warn' }]);
}

function outputText(output) {
  const text = JSON.stringify(output) ?? 'null';
  const bytes = Buffer.byteLength(text);
  if (bytes <= OUTPUT_BYTES_MAX) return text;
  const message = `the output has ${bytes} bytes, at most ${OUTPUT_BYTES_MAX}`;
  throw typed('script_output_too_large', message);
}

/** Runs `exec` of an action with the input of the context; resolves to the JSON text it returns. */
export function actionEntry(loaded, context, { parse }, logger) {
  const exec = execOf(loaded, 'action', 'an action');
  const { input: given, output: promised } = loaded.definition;
  return async (nango) => {
    const input = typeof context.input === 'string' ? parse(context.input) : undefined;
    judge('input', given, [input], context, logger);
    const output = await exec(nango, input);
    const text = outputText(output);
    judge('output', promised, [output, JSON.parse(text)], context, logger);
    return text;
  };
}

/** Runs `exec` of an on-event function. What it returns means nothing. */
export function onEventEntry(loaded) {
  const exec = execOf(loaded, 'onEvent', 'an on-event function');
  return async (nango) => void (await exec(nango));
}
