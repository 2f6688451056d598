import type { Verification } from '../../../../shared/contract/certificates.ts';
import { m } from '../../../paraglide/messages.js';

export interface ShownVerdict {
  readonly tone: 'good' | 'warn' | 'bad';
  readonly words: string;
}

/** What a verification comes to: bad as soon as one line does not hold, open while one cannot be said. */
export function verdictOf({ verified, set, images }: Verification): ShownVerdict {
  if (verified) return { tone: 'good', words: m.certificates_verdict_good() };
  const lines = (set === null ? images : [set]).flatMap(({ integrity, signature, trust }) => [
    integrity,
    signature,
    trust,
  ]);
  return lines.some(({ status }) => status === 'invalid')
    ? { tone: 'bad', words: m.certificates_verdict_bad() }
    : { tone: 'warn', words: m.certificates_verdict_open() };
}
