export interface GridShape {
  readonly columns: number;
  readonly rows: number;
  /** Width of a tile in CSS pixels, without the gap. */
  readonly tileWidth: number;
}

/**
 * How many tiles stand side by side, and how wide each is so that they fill the width.
 *
 * @param width inner width of the grid in CSS pixels
 * @param minimum smallest width of a tile
 */
export function gridShape(count: number, width: number, minimum: number, gap: number): GridShape {
  const columns = Math.max(1, Math.floor((width + gap) / (minimum + gap)));
  return {
    columns,
    rows: Math.ceil(count / columns),
    tileWidth: Math.max(1, (width - gap * (columns - 1)) / columns),
  };
}

/**
 * Rows to draw: those in view and some on either side, so that a scroll finds them ready.
 *
 * @param rowHeight height of a row with its gap
 * @returns first row and the one after the last, both inside 0..rows
 */
export function visibleRows(
  { rows }: Pick<GridShape, 'rows'>,
  scrollTop: number,
  height: number,
  rowHeight: number,
  spare: number,
): { readonly first: number; readonly end: number } {
  const first = Math.max(0, Math.floor(scrollTop / rowHeight) - spare);
  const end = Math.min(rows, Math.ceil((scrollTop + height) / rowHeight) + spare);
  return { first: Math.min(first, rows), end: Math.max(end, Math.min(first, rows)) };
}

/** Position an arrow key leads to; null for a key that does not move. */
export function movedPosition(
  key: string,
  position: number,
  count: number,
  columns: number,
  rowsInView: number,
): number | null {
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -columns,
    ArrowDown: columns,
    PageUp: -columns * Math.max(1, rowsInView),
    PageDown: columns * Math.max(1, rowsInView),
    Home: -count,
    End: count,
  };
  const step = steps[key];
  if (step === undefined || count === 0) return null;
  return Math.min(count - 1, Math.max(0, position + step));
}
