import type { Difference, Rate, TransferRow, Verdict } from '../../shared/transfer.ts';

/** How a verdict is said in the report and on the terminal. */
export const verdictWords: Readonly<Record<Verdict, string>> = {
  holds: 'above both',
  'not-above-control': 'as random marks',
  'at-noise-floor': 'at noise floor',
  'not-measurable': 'not measurable',
};

/** "61 %", or a dash where nothing was counted. */
export function percent(value: number | null): string {
  return value === null ? '–' : `${Math.round(value * 100)}\u00a0%`;
}

/** "61 % [50–70]": a rate with its interval. */
export function withInterval({ rate, low, high }: Pick<Rate, 'rate' | 'low' | 'high'>): string {
  return rate === null ? '–' : `${percent(rate)}\u00a0[${whole(low)}–${whole(high)}]`;
}

/** "+44 [32–55]": a difference in percentage points. */
export function points(difference: Difference | null): string {
  if (difference === null) return '–';
  const value = Math.round(difference.difference * 100);
  return `${value > 0 ? '+' : ''}${minus(value)}\u00a0[${whole(difference.low)} to ${whole(difference.high)}]`;
}

/** A number with so many decimals, or a dash. */
export function decimal(value: number | null, digits: number): string {
  return value === null || !Number.isFinite(value) ? '–' : minus(value.toFixed(digits));
}

/** "2 images", "1 image". */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

/** Who a row speaks of. */
export function rowName(row: TransferRow): string {
  if (row.scope === 'grader') return row.grader ?? '';
  return row.graders === 1 ? `the ${row.role}` : `all ${row.graders} ${row.role}s`;
}

/** What a pipeline id means, in words. */
export function pipelineWords(id: string): string {
  if (id === 'direct') return 'file as written';
  return id
    .split('+')
    .map((step) => {
      const [name, ...rest] = step.split(':');
      const word = pipelineNames[name];
      // Bilinear is what everybody does; only another kernel is worth a word.
      const parts = rest.filter((part) => part !== 'bilinear').map((part) => part.replace('%', '\u00a0%'));
      return word === undefined ? step : [word, ...parts].join(' ');
    })
    .join(', then ');
}

/** The middle value; null for none. */
export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const pipelineNames: Readonly<Record<string, string>> = {
  jpeg: 'JPEG quality',
  resize: 'resized to',
  crop: 'cropped,',
  median: 'median filter',
  rotate: 'rotated by',
  graham: "Graham's colour normalisation",
};

function whole(value: number): string {
  return minus(Math.round(value * 100));
}

function minus(value: number | string): string {
  return String(value)
    .replace(/^-(?=.*[1-9])/, '−')
    .replace(/^-/, '');
}
