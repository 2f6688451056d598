import { numberFormat } from '../state/language.ts';

/** Whole numbers with the language's separators. */
export function formatCount(count: number): string {
  return numberFormat().format(count);
}

/** A share 0..1 as percent. */
export function formatPercent(share: number, digits = 0): string {
  return numberFormat({ style: 'percent', maximumFractionDigits: digits }).format(share);
}

/** Bytes in the largest unit that leaves a figure of 1 or more; decimal units, as file managers show them. */
export function formatBytes(bytes: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  const value = bytes / 1000 ** power;
  return numberFormat({
    style: 'unit',
    unit: units[power] ?? 'byte',
    unitDisplay: 'short',
    maximumFractionDigits: value < 10 && power > 0 ? 1 : 0,
  }).format(value);
}

/** A time that people wait for: coarse, so that it does not flicker. */
export function formatWait(seconds: number): string {
  const unit = (value: number, name: 'second' | 'minute' | 'hour' | 'day') =>
    numberFormat({ style: 'unit', unit: name, unitDisplay: 'short', maximumFractionDigits: 0 }).format(value);
  if (seconds < 10) return unit(Math.max(1, Math.round(seconds)), 'second');
  if (seconds < 55) return unit(Math.round(seconds / 5) * 5, 'second');
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return unit(Math.max(1, minutes), 'minute');
  // Beyond an hour in steps of five minutes.
  const coarse = Math.round(minutes / 5) * 5;
  const hours = Math.floor(coarse / 60);
  if (hours < 24) return `${unit(hours, 'hour')} ${unit(coarse % 60, 'minute')}`;
  return `${unit(Math.floor(hours / 24), 'day')} ${unit(hours % 24, 'hour')}`;
}
