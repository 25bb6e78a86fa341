// Records on their way to the store: checked, made text, and cut into batches.

const BATCH_RECORDS_MAX = 1_000;
const BATCH_BYTES_MAX = 900 << 10;
const RECORD_BYTES_MAX = 15 << 20;
const ID_CHARS_MAX = 255;

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

function textOf(record, id) {
  const { _nango_metadata: metadata, ...rest } = record;
  const text = JSON.stringify(metadata === undefined ? record : rest);
  if (text === undefined) throw new Error(`record "${id}" is no JSON`);
  return text;
}

/**
 * The distinct records, in order, as {id, text, bytes}. Throws if any record is unfit, so that a
 * bad one stops all of them; `onDuplicate(id)` is told once per record that is left out.
 */
export function checkRecords(records, onDuplicate) {
  if (!Array.isArray(records)) throw new TypeError('the records must be an array');
  const checked = new Map();
  const duplicates = [];
  for (const [index, record] of records.entries()) {
    const id = idOf(record, index);
    if (checked.has(id)) {
      duplicates.push(id);
      continue;
    }
    const text = textOf(record, id);
    const bytes = Buffer.byteLength(text);
    if (bytes > RECORD_BYTES_MAX) {
      throw new Error(`record "${id}" has ${bytes} bytes, at most ${RECORD_BYTES_MAX}`);
    }
    checked.set(id, { id, text, bytes });
  }
  for (const id of duplicates) onDuplicate(id);
  return [...checked.values()];
}

function pack(rows, bytes) {
  const text = Buffer.allocUnsafe(bytes);
  const ends = [];
  let end = 0;
  for (const row of rows) {
    end += text.write(row.text, end);
    ends.push(end);
  }
  return { ids: rows.map(({ id }) => id), text, ends };
}

/** Batches of {ids, text, ends}, none over the limits unless it is a single large record. */
export function* batchesOf(rows) {
  let start = 0;
  let bytes = 0;
  for (let index = 0; index < rows.length; index += 1) {
    const full = index - start === BATCH_RECORDS_MAX || bytes + rows[index].bytes > BATCH_BYTES_MAX;
    if (full && index > start) {
      yield pack(rows.slice(start, index), bytes);
      start = index;
      bytes = 0;
    }
    bytes += rows[index].bytes;
  }
  if (rows.length > start) yield pack(rows.slice(start), bytes);
}
