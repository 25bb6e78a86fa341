// Records against the schemas that the definition has for its models.

import { isSchema, mismatch } from './schema.mjs';

const WARNINGS_MAX = 5;
// After so many the model is known to be wrong, and looking at more is a waste.
const MISMATCHES_MAX = 1_000;

// A record is judged as it was given, and as it is kept: a date may be declared as a date or as the
// text that JSON makes of it.
function mismatchOf(schema, { record, text }) {
  const found = mismatch(schema, record);
  return found && mismatch(schema, JSON.parse(text)) && found;
}

/**
 * Checks the records of one run by `policy`: `warn` (the default), `reject` or `off`. `models` are
 * the schemas by name; what is none is passed over.
 */
export class ModelSchemas {
  #models;
  #policy;
  #logger;
  #found = new Map();

  constructor(models, policy, logger) {
    this.#models = models;
    this.#policy = ['off', 'reject'].includes(policy) ? policy : 'warn';
    this.#logger = logger;
  }

  /** With the policy `reject`, throws for the first row that does not match. */
  refuse(rows, model) {
    const schema = this.#policy === 'reject' && this.#schemaOf(model);
    if (!schema) return;
    for (const row of rows) {
      const found = mismatchOf(schema, row);
      if (found) {
        throw new Error(`record ${row.position} does not match the schema of ${model}: ${found}`);
      }
    }
  }

  /** With the policy `warn`, logs what is wrong with the rows, each kind of it once. */
  warn(rows, model) {
    const schema = this.#policy === 'warn' && this.#schemaOf(model);
    if (!schema) return;
    const known = this.#knownOf(model);
    for (const row of rows) {
      if (known.count >= MISMATCHES_MAX) return;
      const found = mismatchOf(schema, row);
      if (!found) continue;
      known.count += 1;
      if (known.warnings.has(found) || known.warnings.size >= WARNINGS_MAX) continue;
      known.warnings.add(found);
      this.#logger.log([
        `a record does not match the schema of ${model}: ${found}`,
        { level: 'warn' },
      ]);
    }
  }

  /** Tells how many records did not match, where the warnings do not say it. */
  close() {
    for (const [model, { count, warnings }] of this.#found) {
      if (count === warnings.size) continue;
      const many = count >= MISMATCHES_MAX ? `${count} records or more` : `${count} records`;
      this.#logger.sum(`${many} did not match the schema of ${model}`);
    }
  }

  #schemaOf(model) {
    const schema = this.#models?.[model];
    return isSchema(schema) ? schema : undefined;
  }

  #knownOf(model) {
    if (!this.#found.has(model)) this.#found.set(model, { count: 0, warnings: new Set() });
    return this.#found.get(model);
  }
}
