import { visibleText } from './visible-text.ts';

/** Stable codes of the reasons a file, a setting or a job can fail for; reports and `--json` carry them. */
export const failureCodes = [
  'image-unreadable',
  'image-unsupported',
  'image-no-retina',
  'model-unreadable',
  'model-unsupported',
  'model-not-finite',
  'annotation-unreadable',
  'annotation-mismatch',
  'logo-unusable',
  'certificate-unreadable',
  'certificate-mismatch',
  'signature-invalid',
  'signer-unknown',
  'pixels-altered',
  'licence-invalid',
  'licence-expired',
  'wrong-key',
  'key-unusable',
  'residual-damaged',
  'settings-invalid',
  'usage',
  'output-not-writable',
  'job-inconsistent',
  'runtime-missing',
  'cancelled',
] as const;

export type FailureCode = (typeof failureCodes)[number];

/**
 * A failure a person can act on: `message` is one line that says what is wrong (control characters, such as file names may hold, are
 * shown as code points), `subject` names the file or setting, `hint` the next step. Anything else that is thrown is a defect of the program.
 */
export class Failure extends Error {
  readonly code: FailureCode;
  readonly subject: string | undefined;
  readonly hint: string | undefined;

  constructor(
    code: FailureCode,
    message: string,
    details: { subject?: string | undefined; hint?: string | undefined; cause?: unknown } = {},
  ) {
    super(visibleText(message), details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'Failure';
    this.code = code;
    this.subject = details.subject;
    this.hint = details.hint;
  }
}
