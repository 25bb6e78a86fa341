// From the definition that an action or an on-event function exports to its part of a deployment.

import { addSchema, checkpointFeatures, commonRules, placer, rulesBroken } from './manifest.mjs';

const events = ['post-connection-creation', 'pre-connection-deletion', 'validate-connection'];

const isSchema = (value) => value === undefined || Boolean(value?._zod);

const actionRules = [
  ...commonRules,
  ['input', 'must be a zod schema', isSchema],
  ['output', 'must be a zod schema', isSchema],
];

const onEventRules = [
  ...commonRules,
  ['event', `must be one of ${events.join(', ')}`, (value) => events.includes(value)],
];

/** Reads what the bundle of an action exports, as `syncDefinitionOf` does for syncs. */
export function actionDefinitionOf(entry, exported) {
  const at = placer(entry);
  if (exported?.type !== 'action') {
    return { faults: [at('export default', 'the default export is not a createAction({...})')] };
  }
  const faults = rulesBroken(actionRules, exported, at);
  if (faults.length > 0) return { faults };
  const definitions = {};
  const add = (field, prefix) => {
    if (!exported[field]) return undefined;
    const name = `${prefix}_${entry.integration}_${entry.name}`;
    addSchema(definitions, name, exported[field]);
    return name;
  };
  const input = add('input', 'ActionInput');
  const output = add('output', 'ActionOutput');
  add('metadata', 'ActionMetadata');
  const { description, version, scopes, endpoints, checkpoint } = exported;
  const hasCheckpoint = checkpoint !== undefined;
  return {
    faults,
    definition: {
      ...{ description, version, scopes, endpoints, input, output, definitions, hasCheckpoint },
    },
  };
}

/** Reads what the bundle of an on-event function exports. */
export function onEventDefinitionOf(entry, exported) {
  const at = placer(entry);
  if (exported?.type !== 'onEvent') {
    return { faults: [at('export default', 'the default export is not a createOnEvent({...})')] };
  }
  const faults = rulesBroken(onEventRules, exported, at);
  return faults.length > 0 ? { faults } : { faults, definition: { event: exported.event } };
}

/** One entry of `flowConfigs` for an action. */
export function actionConfigOf(entry, code, definition) {
  const { version, input, output, hasCheckpoint } = definition;
  return {
    type: 'action',
    syncName: entry.name,
    providerConfigKey: entry.integration,
    models: output ? [output] : [],
    runs: null,
    auto_start: false,
    track_deletes: false,
    ...(version && { version }),
    ...(input && { input }),
    metadata: { scopes: definition.scopes ?? [], description: definition.description },
    attributes: {},
    endpoints: definition.endpoints ?? [],
    fileBody: { js: code, ts: entry.source },
    webhookSubscriptions: [],
    models_json_schema: { definitions: definition.definitions },
    features: checkpointFeatures(code, hasCheckpoint),
  };
}

/** Adds an on-event function to `onEventScriptsByProvider`. */
export function addOnEventScript(all, entry, code, { event }) {
  const { integration: providerConfigKey, name, source } = entry;
  let of = all.find((group) => group.providerConfigKey === providerConfigKey);
  if (!of) all.push((of = { providerConfigKey, scripts: [] }));
  of.scripts.push({ name, event, fileBody: { js: code, ts: source } });
}
