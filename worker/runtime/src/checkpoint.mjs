// What a checkpoint may hold: a flat object of a few short values.

import { types } from 'node:util';

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
export function checkpointText(checkpoint) {
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
