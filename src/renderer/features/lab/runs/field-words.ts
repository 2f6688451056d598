import { m } from '../../../paraglide/messages.js';
import { numberFormat } from '../../../state/language.ts';
import type { Problem } from './field-value.ts';
import type { FormField } from './schema-fields.ts';

const words: Readonly<Record<Problem, () => string>> = {
  missing: m.lab_problem_missing,
  'not-a-number': m.lab_problem_number,
  'out-of-range': m.lab_problem_range,
  'wrong-form': m.lab_problem_form,
  'too-few': m.lab_problem_few,
  'not-json': m.lab_problem_json,
};

export function problemWords(problem: Problem): string {
  return words[problem]();
}

/** Larger limits are there for safety and say nothing to a person. */
const sayable = 1e6;

/** Which numbers or how many entries are allowed; null where that says nothing. */
export function limitWords({ control, nullable, description }: FormField): string | null {
  if (control.kind === 'list') return m.lab_one_a_line();
  if (control.kind !== 'number') return null;
  const { least, most, openBelow } = control.limits;
  const show = (value: number) => numberFormat({ maximumFractionDigits: 6 }).format(value);
  if (least !== null && most !== null && most <= sayable) {
    const between = openBelow ? m.lab_above_to : m.lab_between;
    return between({ least: show(least), most: show(most) });
  }
  return nullable && description === null ? m.lab_may_be_empty() : null;
}
