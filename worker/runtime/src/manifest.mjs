// From the definition a sync exports to its entry in a deploy request.

import { frequencyFault } from './frequency.mjs';
import { zod } from './zod.mjs';
import { fault } from './project.mjs';

const MODEL_NAME = /^[A-Z]\w{0,254}$/;
const DESCRIPTION_CHARS_MAX = 2_000;
const DRAFT = { target: 'draft-7', unrepresentable: 'any' };

function dateAsText({ zodSchema, jsonSchema }) {
  if (zodSchema._zod.def.type === 'date') Object.assign(jsonSchema, DATE);
}

const DATE = { type: 'string', format: 'date-time' };

/** Adds a zod schema to `definitions` under a name; what it refers to within goes beside it. */
export function addSchema(definitions, name, schema) {
  const {
    $schema: _,
    definitions: inner = {},
    ...own
  } = zod.toJSONSchema(schema, {
    ...DRAFT,
    override: dateAsText,
  });
  const moved = (value) => {
    if (Array.isArray(value)) return value.map(moved);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([key, held]) => {
      if (key !== '$ref' || typeof held !== 'string') return [key, moved(held)];
      if (held === '#') return [key, `#/definitions/${name}`];
      return [key, held.replace('#/definitions/', `#/definitions/${name}_`)];
    });
    return Object.fromEntries(entries);
  };
  definitions[name] = moved(own);
  for (const [key, value] of Object.entries(inner)) definitions[`${name}_${key}`] = moved(value);
}

function hasId(schema) {
  if (schema.properties) return Object.hasOwn(schema.properties, 'id');
  if (schema.allOf) return schema.allOf.some(hasId);
  const choices = schema.anyOf ?? schema.oneOf;
  return choices !== undefined && choices.every(hasId);
}

function modelFaults(models, definitions, at) {
  const names = Object.keys(models ?? {});
  if (names.length === 0) return [at('models', 'the sync declares no model')];
  return names.flatMap((name) => {
    if (!MODEL_NAME.test(name)) {
      return [at(name, `the model name "${name}" must start with a capital letter, then \\w`)];
    }
    if (!models[name]?._zod) return [at(name, `the model ${name} is not a zod schema`)];
    addSchema(definitions, name, models[name]);
    return hasId(definitions[name]) ? [] : [at(name, `the model ${name} has no id`)];
  });
}

const branchesOf = ({ allOf, anyOf, oneOf }) => allOf ?? anyOf ?? oneOf;

function isPlainValue(schema, definitions) {
  if (schema === true) return true;
  if (schema.$ref) {
    const named = definitions[schema.$ref.replace('#/definitions/', '')];
    return named !== undefined && isPlainValue(named, definitions);
  }
  const branches = branchesOf(schema);
  if (branches) return branches.every((branch) => isPlainValue(branch, definitions));
  return ![schema.type].flat().some((type) => type === 'object' || type === 'array');
}

/** Whether a JSON schema is one of objects of which no field is known to hold more than a value. */
function isFlatObject(schema, definitions) {
  const branches = branchesOf(schema);
  if (branches) return branches.every((branch) => isFlatObject(branch, definitions));
  const { type, properties = {}, additionalProperties: rest } = schema;
  const fields = [...Object.values(properties), ...(rest ? [rest] : [])];
  return type === 'object' && fields.every((field) => isPlainValue(field, definitions));
}

export function isCheckpointSchema(value) {
  if (value === undefined) return true;
  if (!value?._zod) return false;
  const options = { ...DRAFT, io: 'input', override: dateAsText };
  const { definitions = {}, ...schema } = zod.toJSONSchema(value, options);
  return isFlatObject(schema, definitions);
}

export function textList(value) {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function kindOf(value) {
  return value === undefined ? undefined : typeof value;
}

/** Each rule: the field, what it must be, and the test for it. These hold for all functions. */
export const commonRules = [
  ['exec', 'must be a function', (value) => typeof value === 'function'],
  ['description', 'must be a text', (value) => typeof value === 'string'],
  [
    'description',
    `must have at most ${DESCRIPTION_CHARS_MAX} characters`,
    (value) => !(value?.length > DESCRIPTION_CHARS_MAX),
  ],
  ['version', 'must be a text', (value) => value === undefined || typeof value === 'string'],
  ['scopes', 'must be a list of texts', (value) => value === undefined || textList(value)],
  ['endpoints', 'must be a list', (value) => value === undefined || Array.isArray(value)],
  ['metadata', 'must be a zod schema', (value) => value === undefined || Boolean(value?._zod)],
  ['checkpoint', 'must be a zod schema of a flat object', isCheckpointSchema],
];

const rules = [
  ...commonRules,
  ['autoStart', 'must be a boolean', (value) => [undefined, true, false].includes(value)],
  ['trackDeletes', 'must be a boolean', (value) => [undefined, true, false].includes(value)],
  [
    'syncType',
    'must be "full" or "incremental"',
    (value) => [undefined, 'full', 'incremental'].includes(value),
  ],
  [
    'webhookSubscriptions',
    'must be a list of texts',
    (value) => value === undefined || textList(value),
  ],
  ['schedule', 'must be an object', (value) => value === undefined || isObject(value)],
  ['onWebhook', 'must be a function', (value) => [undefined, 'function'].includes(kindOf(value))],
  ['partitions', 'must be a function', (value) => [undefined, 'function'].includes(kindOf(value))],
];

function fieldFaults(definition, at) {
  const faults = rulesBroken(rules, definition, at);
  const frequency = frequencyFault(definition.frequency);
  if (frequency) faults.push(at('frequency', frequency));
  if (definition.syncType === 'incremental' && definition.trackDeletes) {
    faults.push(at('trackDeletes', 'an incremental sync cannot track deletes'));
  }
  return faults;
}

/** Finds a field of the definition in its source, to point at it. */
export function placer({ path, source }) {
  return (field, message) => {
    const lines = source.split('\n');
    const index = lines.findIndex((line) =>
      new RegExp(`^\\s*(?:async\\s+)?${field}\\b`).test(line),
    );
    if (index < 0) return fault(path, message);
    return fault(path, message, index + 1, lines[index].search(/\S/) + 1);
  };
}

/** What is wrong with a definition by a list of [field, what it must be, the test for it]. */
export function rulesBroken(all, definition, at) {
  return all
    .filter(([name, , test]) => !test(definition[name]))
    .map(([name, message]) => at(name, `${name} ${message}`));
}

/** Whether a function uses a checkpoint, declared or seen from the calls in its bundle. */
export function checkpointFeatures(code, isDeclared) {
  const isUsed = isDeclared || /\.(?:get|save|clear)Checkpoint\s*\(/.test(code);
  return isUsed ? ['checkpoints'] : [];
}

/** Reads what a bundle exports: {definition, faults}; the definition is plain JSON. */
export function syncDefinitionOf(entry, exported) {
  const at = placer(entry);
  if (exported?.type !== 'sync') {
    return { faults: [at('export default', 'the default export is not a createSync({...})')] };
  }
  const definitions = {};
  const faults = [...fieldFaults(exported, at), ...modelFaults(exported.models, definitions, at)];
  if (faults.length > 0) return { faults };
  const input = exported.metadata && `SyncMetadata_${entry.integration}_${entry.name}`;
  if (input) addSchema(definitions, input, exported.metadata);
  const { description, version, frequency, autoStart, trackDeletes, syncType } = exported;
  const { scopes, endpoints, webhookSubscriptions, schedule } = exported;
  return {
    faults,
    definition: {
      ...{ description, version, frequency, autoStart, trackDeletes, syncType },
      ...{ scopes, endpoints, webhookSubscriptions, schedule, input, definitions },
      models: Object.keys(exported.models),
      hasCheckpoint: exported.checkpoint !== undefined,
      hasPartitions: exported.partitions !== undefined,
    },
  };
}

/** One entry of `flowConfigs`. What the definition leaves out has the defaults of the format. */
export function syncConfigOf(entry, code, definition) {
  const { version, input, hasCheckpoint, hasPartitions } = definition;
  return {
    type: 'sync',
    syncName: entry.name,
    providerConfigKey: entry.integration,
    models: definition.models,
    runs: definition.frequency ?? null,
    ...(definition.schedule && { schedule: definition.schedule }),
    auto_start: definition.autoStart ?? false,
    track_deletes: definition.trackDeletes ?? false,
    sync_type: definition.syncType ?? 'full',
    ...(version && { version }),
    ...(input && { input }),
    metadata: { scopes: definition.scopes ?? [], description: definition.description },
    attributes: {},
    endpoints: definition.endpoints ?? [],
    fileBody: { js: code, ts: entry.source },
    webhookSubscriptions: definition.webhookSubscriptions ?? [],
    models_json_schema: { definitions: definition.definitions },
    features: [
      ...checkpointFeatures(code, hasCheckpoint),
      ...(hasPartitions ? ['partitions'] : []),
    ],
  };
}
