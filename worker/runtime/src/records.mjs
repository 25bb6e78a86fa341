// Records on their way to the store: checked, made text, and cut into batches.

import { types } from 'node:util';

import { zod } from './zod.mjs';

const BATCH_RECORDS_MAX = 1_000;
const BATCH_BYTES_MAX = 900 << 10;
const RECORD_BYTES_MAX = 15 << 20;
const ID_CHARS_MAX = 255;

const isoTime = zod.union([zod.iso.date(), zod.iso.datetime({ offset: true, local: true })]);

/** An id as the store knows it, or undefined if no record can have it. Throws if it is no id. */
export function storedId(id) {
  if (typeof id !== 'string' && !Number.isFinite(id)) {
    throw new TypeError('an id must be a string or a number');
  }
  const text = String(id).replaceAll('\0', '');
  return text === '' || text.length > ID_CHARS_MAX ? undefined : text;
}

/** The id of a record as the store knows it. Throws if there is none. */
function idOf(record, position) {
  const id = record?.id;
  if (!id) throw new Error(`Missing id field in record ${position}`);
  if (typeof id !== 'string' && !Number.isFinite(id)) {
    throw new Error(`Invalid id field in record ${position}: it must be a string or a number`);
  }
  const text = String(id).replaceAll('\0', '');
  if (text === '') throw new Error(`Missing id field in record ${position}`);
  if (text.length > ID_CHARS_MAX) {
    throw new Error(
      `Invalid id field in record ${position}: longer than ${ID_CHARS_MAX} characters`,
    );
  }
  return text;
}

// A time without an offset is taken as UTC, wherever the process runs.
function parsedTime(text) {
  if (!isoTime.safeParse(text).success) return Number.NaN;
  const isLocal = text.includes('T') && !/(?:Z|[+-]\d\d:\d\d)$/.test(text);
  return Date.parse(isLocal ? `${text}Z` : text);
}

/** When a record says it was deleted, in milliseconds, or null. Throws if that is no time. */
export function deletionTime({ deletedAt }, position) {
  if (deletedAt === undefined || deletedAt === null) return null;
  const given = typeof deletedAt === 'string' ? parsedTime(deletedAt) : deletedAt;
  const isTime = typeof given === 'number' || types.isDate(given);
  const ms = isTime ? new Date(given).valueOf() : Number.NaN;
  if (Number.isNaN(ms)) {
    const wanted = 'it must be a Date, an ISO time or milliseconds';
    throw new Error(`Invalid deletedAt field in record ${position}: ${wanted}`);
  }
  return ms;
}

function withoutMetadata(record) {
  if (record._nango_metadata === undefined) return record;
  const { _nango_metadata: _, ...rest } = record;
  return rest;
}

function textOf(record, id) {
  const text = JSON.stringify(record);
  if (text === undefined) throw new Error(`record "${id}" is no JSON`);
  return text;
}

/**
 * The distinct records, in order, as {id, text, bytes, deletedAt, record, position}. Throws if any
 * record is unfit, so that a bad one stops all of them; `onDuplicate(id)` is told once per record
 * that is left out, and `timeOf(record, position)` gives `deletedAt`.
 */
export function checkRecords(records, onDuplicate, timeOf = () => null) {
  if (!Array.isArray(records)) throw new TypeError('the records must be an array');
  const checked = new Map();
  const duplicates = [];
  for (const [position, given] of records.entries()) {
    const id = idOf(given, position);
    if (checked.has(id)) {
      duplicates.push(id);
      continue;
    }
    const record = withoutMetadata(given);
    const text = textOf(record, id);
    const bytes = Buffer.byteLength(text);
    if (bytes > RECORD_BYTES_MAX) {
      throw new Error(`record "${id}" has ${bytes} bytes, at most ${RECORD_BYTES_MAX}`);
    }
    const deletedAt = timeOf(record, position);
    checked.set(id, { id, text, bytes, deletedAt, record, position });
  }
  for (const id of duplicates) onDuplicate(id);
  return [...checked.values()];
}

function pack(rows) {
  const text = Buffer.from(rows.map((row) => row.text).join(''));
  const ends = [];
  let end = 0;
  for (const { bytes } of rows) {
    end += bytes;
    ends.push(end);
  }
  const times = rows.map(({ deletedAt }) => deletedAt);
  const hasTimes = times.some((time) => time !== null);
  return { ids: rows.map(({ id }) => id), text, ends, ...(hasTimes && { deletedAt: times }) };
}

/**
 * Batches as [{ids, text, ends, deletedAt?}, rows], none over the limits unless it is a single
 * large record. What is in `withLast` goes with the last one.
 */
export function* batchesOf(rows, withLast = {}) {
  let start = 0;
  let bytes = 0;
  for (let index = 0; index < rows.length; index += 1) {
    const full = index - start === BATCH_RECORDS_MAX || bytes + rows[index].bytes > BATCH_BYTES_MAX;
    if (full && index > start) {
      const part = rows.slice(start, index);
      yield [pack(part), part];
      start = index;
      bytes = 0;
    }
    bytes += rows[index].bytes;
  }
  if (rows.length === start) return;
  const part = rows.slice(start);
  yield [{ ...pack(part), ...withLast }, part];
}
