// What a checkpoint may hold: a flat object of a few short values, which the sync may declare.

import { types } from 'node:util';

import { isEnd } from './errors.mjs';
import { isSchema, mismatch } from './schema.mjs';

const FIELDS_MAX = 16;
const NAME_CHARS_MAX = 255;
const TEXT_CHARS_MAX = 4_000;

function fault(value) {
  if (typeof value === 'string') {
    return value.length > TEXT_CHARS_MAX && `is longer than ${TEXT_CHARS_MAX} characters`;
  }
  if (typeof value === 'number') return !Number.isFinite(value) && 'is not a finite number';
  return typeof value !== 'boolean' && 'must be a string, a number, a boolean or a date';
}

/** The JSON text of a checkpoint. Throws if it may not be one. */
function checkpointText(checkpoint) {
  if (typeof checkpoint !== 'object' || checkpoint === null || Array.isArray(checkpoint)) {
    throw new Error('a checkpoint must be an object');
  }
  const fields = Object.entries(checkpoint).filter(([, value]) => value !== undefined);
  if (fields.length > FIELDS_MAX) throw new Error(`more than ${FIELDS_MAX} fields`);
  for (const [name, value] of fields) {
    if (name.length > NAME_CHARS_MAX) throw new Error(`a name over ${NAME_CHARS_MAX} characters`);
    const why = types.isDate(value) ? Number.isNaN(value.valueOf()) && 'is no date' : fault(value);
    if (why) throw new Error(`"${name}" ${why}`);
  }
  return JSON.stringify(Object.fromEntries(fields));
}

function failure(verb, error) {
  const shown = new Error(`Error ${verb} checkpoint: ${error.message}`);
  return Object.assign(shown, { type: error.type, code: error.code });
}

/**
 * A function from a checkpoint to its JSON text, which throws if it may not be one. By `policy`,
 * one that does not match the declared schema is refused (`reject`), saved with a warning (`warn`,
 * which is the default), or not looked at (`off`).
 */
export function checkpointReader(schema, policy, logger) {
  const isDeclared = isSchema(schema);
  let warned;
  const check = (checkpoint) => {
    const found = isDeclared && policy !== 'off' && mismatch(schema, checkpoint);
    if (!found) return;
    const message = `the checkpoint does not match its schema: ${found}`;
    if (policy === 'reject') throw new Error(message);
    if (message !== warned) logger.log([message, { level: 'warn' }]);
    warned = message;
  };
  return (checkpoint) => {
    try {
      const json = checkpointText(checkpoint);
      check(checkpoint);
      return json;
    } catch (error) {
      throw failure('saving', error);
    }
  };
}

/** The script's methods for its checkpoint; `jsonOf` is a `checkpointReader`. */
export function checkpointMethods(session, parse, jsonOf) {
  const call = async (verb, method, args) => {
    try {
      return await session.call(method, args);
    } catch (error) {
      throw isEnd(error) ? error : failure(verb, error);
    }
  };
  return {
    getCheckpoint: async () => {
      const text = await call('getting', 'getCheckpoint', {});
      return typeof text === 'string' ? parse(text) : null;
    },
    saveCheckpoint: async (checkpoint) => {
      await call('saving', 'saveCheckpoint', { json: jsonOf(checkpoint) });
    },
    clearCheckpoint: async () => {
      await call('clearing', 'clearCheckpoint', {});
    },
  };
}
