/**
 * Lays out rows of texts and numbers under a heading. Numbers stand to the right, all of a column
 * with two decimals if one of them is not whole. A row that is `null` becomes a rule.
 */
export function table(heading, rows) {
  const whole = heading.map((_, i) => rows.every((row) => isWhole(row?.[i])));
  const texts = rows.map((row) => row && row.map((value, i) => textOf(value, whole[i] ? 0 : 2)));
  const widths = heading.map((title, i) =>
    Math.max(title.length, ...texts.map((row) => row?.[i].length ?? 0)));
  const right = heading.map((_, i) => rows.some((row) => typeof row?.[i] === 'number'));
  const line = (cells) => cells
    .map((text, i) => (right[i] ? text.padStart(widths[i]) : text.padEnd(widths[i])))
    .join('  ')
    .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [line(heading), rule, ...texts.map((row) => (row ? line(row) : rule))].join('\n');
}

function isWhole(value) {
  return typeof value !== 'number' || Number.isInteger(value);
}

function textOf(value, decimals) {
  if (typeof value !== 'number') return String(value ?? '');
  return value.toLocaleString('en', {
    minimumFractionDigits: decimals, maximumFractionDigits: decimals,
  });
}
