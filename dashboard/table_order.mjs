// Which rows of a table are shown, and in what order: plain functions of values.

/** Compares two values of a column: numbers, texts, and nothing, which comes last always. */
export function compare(a, b, descending = false) {
  const nothingA = a === null || a === undefined || Number.isNaN(a);
  const nothingB = b === null || b === undefined || Number.isNaN(b);
  if (nothingA || nothingB) return Number(nothingA) - Number(nothingB);
  const order = typeof a === 'number' && typeof b === 'number' ? a - b : byText(a, b);
  return descending ? -order : order;
}

const collator = new Intl.Collator('en', { numeric: true });

function byText(a, b) {
  return collator.compare(String(a), String(b));
}

/** Returns rows sorted by a column's value; rows that are equal stay in their order. */
export function sorted(rows, valueOf, descending) {
  const keyed = rows.map((row) => [valueOf(row), row]);
  keyed.sort(([a], [b]) => compare(a, b, descending));
  return keyed.map(([, row]) => row);
}

/**
 * Which rows of a long table have to exist: `[first, end)`, those in the window and `spare` more on
 * either side. `top` is where the table begins, seen from the upper edge of the window.
 */
export function rowsInWindow({ count, rowHeight, top, height, spare = 12 }) {
  const first = Math.floor(-top / rowHeight) - spare;
  const end = Math.ceil((height - top) / rowHeight) + spare;
  const from = Math.min(Math.max(first, 0), Math.max(count - 1, 0));
  return [from, Math.max(Math.min(end, count), Math.min(from + 1, count))];
}

/** Whether a text has all words of a search, in any order and letter case. */
export function matches(text, words) {
  const low = text.toLowerCase();
  return words.every((word) => low.includes(word));
}

/** The words of a search. */
export function wordsOfSearch(text) {
  return text.toLowerCase().split(/\s+/).filter(Boolean);
}

/** Where a key leads from a row of a table, or null if the key is none that moves. */
export function moveTo(key, index, count, page) {
  const steps = {
    ArrowDown: 1, ArrowUp: -1, j: 1, k: -1, PageDown: page, PageUp: -page, Home: -count, End: count,
  };
  if (!(key in steps)) return null;
  return Math.min(Math.max(index + steps[key], 0), count - 1);
}
