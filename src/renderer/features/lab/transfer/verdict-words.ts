import { m } from '../../../paraglide/messages.js';

/** How a figure may be read, in words; a verdict this page does not know yet is shown as it is. */
export function verdictWords(verdict: string): string {
  switch (verdict) {
    case 'holds':
      return m.lab_verdict_holds();
    case 'not-above-control':
      return m.lab_verdict_control();
    case 'at-noise-floor':
      return m.lab_verdict_noise();
    case 'not-measurable':
      return m.lab_verdict_none();
    default:
      return verdict;
  }
}
