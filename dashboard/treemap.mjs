// Lays out values as rectangles whose areas are their parts of the whole, each as near to a square
// as can be (Bruls, Huizing, van Wijk: Squarified Treemaps, 2000).

/**
 * Returns `{ x, y, width, height }` for each of `values`, which must be positive and in falling
 * order, in a box.
 */
export function squarified(values, width, height) {
  const whole = values.reduce((sum, value) => sum + value, 0);
  if (whole <= 0 || width <= 0 || height <= 0) return [];
  const areas = values.map((value) => value * width * height / whole);
  const box = { x: 0, y: 0, width, height };
  const result = [];
  let from = 0;
  while (from < areas.length) {
    const end = endOfRow(areas, from, Math.min(box.width, box.height));
    layRow(areas.slice(from, end), box, result);
    from = end;
  }
  return result;
}

// A row takes one more as long as that makes its worst rectangle no worse.
function endOfRow(areas, from, side) {
  let sum = areas[from];
  let worst = worstRatio(areas[from], areas[from], sum, side);
  let end = from + 1;
  while (end < areas.length) {
    const grown = sum + areas[end];
    const ratio = worstRatio(areas[from], areas[end], grown, side);
    if (ratio > worst) break;
    sum = grown;
    worst = ratio;
    end += 1;
  }
  return end;
}

function worstRatio(largest, smallest, sum, side) {
  const square = side * side;
  return Math.max(square * largest / (sum * sum), sum * sum / (square * smallest));
}

// Rows lie along the shorter side of what is left of the box.
function layRow(areas, box, result) {
  const sum = areas.reduce((total, area) => total + area, 0);
  const isColumn = box.width >= box.height;
  const side = isColumn ? box.height : box.width;
  const depth = side > 0 ? sum / side : 0;
  let along = isColumn ? box.y : box.x;
  for (const area of areas) {
    const length = depth > 0 ? area / depth : 0;
    result.push(isColumn ? { x: box.x, y: along, width: depth, height: length }
      : { x: along, y: box.y, width: length, height: depth });
    along += length;
  }
  if (isColumn) Object.assign(box, { x: box.x + depth, width: Math.max(box.width - depth, 0) });
  else Object.assign(box, { y: box.y + depth, height: Math.max(box.height - depth, 0) });
}
