import { InvalidArgumentError } from 'commander';

/** A number within bounds, for an option's value. */
export function numberBetween(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (value >= low && value <= high) return value;
    throw new InvalidArgumentError(`Give a number from ${low} to ${high}.`);
  };
}

/** A whole number within bounds, for an option's value. */
export function integerBetween(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = /^-?\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
    if (value >= low && value <= high) return value;
    throw new InvalidArgumentError(`Give a whole number from ${low} to ${high}.`);
  };
}

/** Collects the values of an option that may stand several times. */
export function collect(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), value];
}

/** The hottest fraction of a Grad-CAM map, or a level of it. */
export type CamThresholdOption = { readonly level: number } | { readonly topFraction: number };

/** `150`: above that level of 0..255; `20%`: the hottest fifth of the image. */
export function camThreshold(text: string): CamThresholdOption {
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(text.trim());
  const value = Number(match?.[1]);
  if (match?.[2] === '%' && value <= 100) return { topFraction: value / 100 };
  if (match?.[2] === '' && value <= 255) return { level: value };
  throw new InvalidArgumentError('Give a level from 0 to 255, or a percentage such as 20%.');
}

/** A day (its end, UTC) or an instant. */
export function expiryDate(text: string): Date {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const date = new Date(day ? `${text}T23:59:59.999Z` : text);
  if (Number.isNaN(date.getTime()) || !/^\d{4}-\d{2}-\d{2}/.test(text)) {
    throw new InvalidArgumentError('Give a date such as 2027-12-31.');
  }
  return date;
}
