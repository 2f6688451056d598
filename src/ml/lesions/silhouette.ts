/** The inked pixels of a mark (opacity > 0) in a box of its own, as horizontal runs sorted by row, then column. */
export interface Silhouette {
  readonly width: number;
  readonly height: number;
  /** Triples: row, first column, column after the last. */
  readonly runs: Int32Array;
  /** Number of inked pixels. */
  readonly area: number;
}

/** Runs of the samples above zero of a row-major plane. */
export function silhouetteOf(plane: {
  readonly width: number;
  readonly height: number;
  readonly data: ArrayLike<number>;
}): Silhouette {
  const { width, height, data } = plane;
  const runs: number[] = [];
  let area = 0;
  for (let row = 0; row < height; row++) {
    let start = -1;
    for (let column = 0; column <= width; column++) {
      const inked = column < width && data[row * width + column] > 0;
      if (inked && start < 0) start = column;
      if (!inked && start >= 0) {
        runs.push(row, start, column);
        area += column - start;
        start = -1;
      }
    }
  }
  return { width, height, runs: Int32Array.from(runs), area };
}
