import type { RunSeries } from '../../../../shared/contract/lab.ts';

/** Series that share both axes share a chart: training and validation loss are read together. */
export interface ChartGroup {
  readonly xLabel: string;
  readonly yLabel: string;
  readonly series: readonly RunSeries[];
}

export function chartGroups(series: readonly RunSeries[]): ChartGroup[] {
  return [...Map.groupBy(series, ({ xLabel, yLabel }) => JSON.stringify([xLabel, yLabel])).values()].flatMap(
    (group) => {
      const first = group[0];
      return first === undefined ? [] : [{ xLabel: first.xLabel, yLabel: first.yLabel, series: group }];
    },
  );
}

/** The same figures as a table: one row for each x, one column for each series; null where a series has no value. */
export function chartTable({ series }: ChartGroup): { x: number; values: (number | null)[] }[] {
  const columns = series.map(({ points }) => new Map(points.map(({ x, y }) => [x, y])));
  const all = [...new Set(series.flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b);
  return all.map((x) => ({ x, values: columns.map((column) => column.get(x) ?? null) }));
}
