// The script's methods that concern its records: saving, deleting, and reading them back.

import { batchesOf, checkRecords, deletionTime, storedId } from './records.mjs';

const READ_IDS_MAX = 100;

const strategies = ['override', 'ignore_if_modified_after'];

function isNothing(records) {
  return records === undefined || records === null || records.length === 0;
}

function writers({ session, logger, jsonOf, saveCheckpoint, needModel, schemas }) {
  const write = async ({ method, what, timeOf, isWhole }, records, model, withLast) => {
    needModel(model);
    const onDuplicate = (id) => {
      const message = `duplicate id "${id}" in ${what} of ${model}: only the first record counts`;
      logger.log([message, { level: 'error' }]);
    };
    const rows = checkRecords(records, onDuplicate, timeOf);
    if (isWhole) schemas.refuse(rows, model);
    for (const [part, partRows] of batchesOf(rows, withLast)) {
      const answer = session.call(method, { model, ...part });
      // While the host saves them, there is time to look.
      if (isWhole) schemas.warn(partRows, model);
      await answer;
    }
    return true;
  };
  const batch = (kind) => async (records, model) =>
    isNothing(records) || (await write(kind, records, model));
  const save = { method: 'batchSave', what: 'a save', isWhole: true };
  const batchSave = async (records, model, options) => {
    const { checkpoint } = options ?? {};
    if (checkpoint === undefined) return isNothing(records) || (await write(save, records, model));
    if (!isNothing(records)) {
      return await write(save, records, model, { checkpoint: jsonOf(checkpoint) });
    }
    await saveCheckpoint(checkpoint);
    return true;
  };
  return {
    batchSave,
    batchSend: batchSave,
    batchUpdate: batch({ method: 'batchUpdate', what: 'an update' }),
    batchDelete: batch({ method: 'batchDelete', what: 'a delete', timeOf: deletionTime }),
  };
}

function deletionMethods({ session, parse, needModel }) {
  const readKeys = async (count) => {
    // Made by the context's own parser, so that it is an array of the script's.
    const answer = parse('{"deletedKeys":[]}');
    const { deletedKeys } = answer;
    while (deletedKeys.length < count) {
      const from = deletedKeys.length;
      const { text } = await session.call('deletedKeys', { from });
      for (const key of parse(text)) deletedKeys.push(key);
      if (deletedKeys.length === from) {
        throw new Error(`only ${from} of ${count} deleted keys could be read`);
      }
    }
    return answer;
  };
  // The host keeps the keys of one deletion, so one follows the other.
  let last = Promise.resolve();
  const deleteUnseen = (method) => async (model) => {
    needModel(model);
    const before = last;
    let release;
    last = new Promise((resolve) => (release = resolve));
    await before;
    try {
      const { count } = await session.call(method, { model });
      return await readKeys(count);
    } finally {
      release();
    }
  };
  return {
    trackDeletesStart: async (model) => {
      needModel(model);
      await session.call('trackDeletesStart', { model });
    },
    trackDeletesEnd: deleteUnseen('trackDeletesEnd'),
    deleteRecordsFromPreviousExecutions: deleteUnseen('deleteRecordsFromPreviousExecutions'),
  };
}

function setMergingStrategy({ session, logger, needModel }) {
  return async (options, model) => {
    needModel(model);
    const strategy = options?.strategy;
    if (!strategies.includes(strategy)) {
      throw new Error(`not a merging strategy: ${strategy}; there are ${strategies.join(', ')}`);
    }
    if (await session.call('setMergingStrategy', { model, strategy })) return;
    const before = `the merging strategy of ${model} was set in this run before`;
    logger.log([`${before}: "${strategy}" is ignored`, { level: 'warn' }]);
  };
}

/** Entries of [id as given, record] for those of the ids that the store knows. */
function getRecordsByIds({ session, parse, needModel }) {
  return async (ids, model) => {
    needModel(model);
    if (!Array.isArray(ids)) throw new TypeError('the ids must be an array');
    const stored = ids.map(storedId);
    const asked = [...new Set(stored)].filter((id) => id !== undefined);
    const found = new Map();
    for (let start = 0; start < asked.length;) {
      const group = asked.slice(start, start + READ_IDS_MAX);
      const { text, taken } = await session.call('getRecords', { model, ids: group });
      if (!(taken >= 1)) throw new Error('the host looked at none of the ids');
      for (const record of parse(text)) found.set(record.id, record);
      start += taken;
    }
    return ids
      .map((id, index) => [id, found.get(stored[index])])
      .filter(([, record]) => record !== undefined);
  };
}

function listRecords({ session, parse, needModel }) {
  return async function* (model, options) {
    needModel(model);
    let cursor = options?.cursor ?? undefined;
    if (cursor !== undefined && typeof cursor !== 'string') {
      throw new TypeError('the cursor must be a string');
    }
    let until;
    do {
      const page = await session.call('listRecords', { model, cursor: cursor || undefined, until });
      yield* parse(page.text);
      if (page.cursor && page.cursor === cursor) throw new Error('the list stands still');
      cursor = page.cursor;
      until ??= page.until ?? undefined;
    } while (cursor);
  };
}

/**
 * The methods by what they return: a value, a map (as entries), or one value after the other.
 * `tools` has the session, the models, the logger, the parser of the context, `schemas` to check
 * records, and, for checkpoints that go with a batch, `jsonOf` and `saveCheckpoint`.
 */
export function cacheMethods({ models, ...tools }) {
  const needModel = (model) => {
    if (models.includes(model)) return;
    throw new Error(`"${model}" is not a model of this sync: it has ${models.join(', ')}`);
  };
  const all = { ...tools, needModel };
  return {
    methods: {
      ...writers(all),
      ...deletionMethods(all),
      setMergingStrategy: setMergingStrategy(all),
    },
    maps: { getRecordsByIds: getRecordsByIds(all) },
    generators: { listRecords: listRecords(all) },
  };
}
