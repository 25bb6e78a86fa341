// What the zod schemas of a definition say of values.

const ISSUES_SHOWN_MAX = 5;

/** Whether a value can be asked as a schema. */
export function isSchema(value) {
  return typeof value?.safeParse === 'function';
}

// Issues at different elements of an array are the same issue.
function shownIssue({ path, message }) {
  const place = path.map((key) => (typeof key === 'number' ? '*' : String(key))).join('.');
  return place === '' ? message : `${place}: ${message}`;
}

/**
 * What a schema says against a value, without anything of it but names of fields, or undefined. A
 * schema that throws or needs to wait counts as not matching.
 */
export function mismatch(schema, value) {
  try {
    const result = schema.safeParse(value);
    if (result.success) return undefined;
    const issues = [...new Set(result.error.issues.map(shownIssue))];
    const shown = issues.slice(0, ISSUES_SHOWN_MAX).join('; ');
    const more = issues.length - ISSUES_SHOWN_MAX;
    return more > 0 ? `${shown}; and ${more} more` : shown;
  } catch (error) {
    return `the schema threw ${error?.name ?? 'something'}`;
  }
}
