import type { FormField, Limits } from './schema-fields.ts';

/** What a field holds while it is filled in: texts as typed, ids as chosen. */
export type Entry = string | boolean | readonly string[];

export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

/** Why an entry cannot be sent; null where it can. The words are the form's. */
export type Problem = 'missing' | 'not-a-number' | 'out-of-range' | 'wrong-form' | 'too-few' | 'not-json';

/** What a field holds at the beginning. */
export function entryOf({ control, preset }: FormField): Entry {
  switch (control.kind) {
    case 'flag':
      return preset === true;
    case 'several':
      return Array.isArray(preset) ? preset.map(String) : [];
    case 'list':
      return Array.isArray(preset) ? preset.map(String).join('\n') : '';
    case 'json':
      return preset === undefined ? '' : JSON.stringify(preset);
    case 'choice':
      return typeof preset === 'string' ? preset : (control.options[0] ?? '');
    case 'text':
    case 'number':
    case 'chosen':
      return typeof preset === 'string' || typeof preset === 'number' ? String(preset) : '';
  }
}

/** The value to send; `undefined` leaves the field out, so that the engine's own default counts. */
export function valueOf(
  field: FormField,
  entry: Entry,
): { readonly value: Json | undefined; readonly problem: Problem | null } {
  if (typeof entry === 'boolean') return good(entry);
  if (typeof entry !== 'string') return listOf([...entry], field);
  const typed = entry.trim();
  if (typed === '') return field.control.kind === 'list' ? listOf([], field) : emptyOf(field);
  switch (field.control.kind) {
    case 'number':
      return numberOf(typed, field.control);
    case 'text': {
      const { pattern } = field.control;
      return pattern === null || fits(pattern, typed) ? good(typed) : bad('wrong-form');
    }
    case 'list':
      return listOf(
        typed
          .split('\n')
          .map((line) => line.trim())
          .filter((line) => line !== ''),
        field,
      );
    case 'json':
      return jsonOf(typed);
    case 'choice':
    case 'chosen':
    case 'several':
    case 'flag':
      return good(typed);
  }
}

function emptyOf({ nullable, required, preset }: FormField) {
  if (nullable) return good(null);
  return required || preset !== undefined ? bad('missing') : good(undefined);
}

function listOf(list: string[], { control }: FormField) {
  const least = control.kind === 'several' || control.kind === 'list' ? control.least : 0;
  return list.length < least ? bad('too-few') : good(list);
}

function numberOf(typed: string, { whole, limits }: { whole: boolean; limits: Limits }) {
  const value = Number(typed.replace(',', '.'));
  if (!Number.isFinite(value) || (whole && !Number.isInteger(value))) return bad('not-a-number');
  const { least, most, openBelow, openAbove } = limits;
  const tooLow = least !== null && (openBelow ? value <= least : value < least);
  const tooHigh = most !== null && (openAbove ? value >= most : value > most);
  return tooLow || tooHigh ? bad('out-of-range') : good(value);
}

function jsonOf(typed: string) {
  try {
    return good(JSON.parse(typed) as Json);
  } catch {
    return bad('not-json');
  }
}

/** A pattern this page cannot read is left to the engine. */
function fits(pattern: string, typed: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(typed);
  } catch {
    return true;
  }
}

function good(value: Json | undefined) {
  return { value, problem: null };
}

function bad(problem: Problem) {
  return { value: undefined, problem };
}
