import canonicalize from 'canonicalize';
import type { z } from 'zod';
import { Failure } from '../../shared/failure.ts';
import type { FailureCode } from '../../shared/failure.ts';

const deepest = 32;
const lineFeed = 0x0a;

/**
 * The RFC 8785 (JSON Canonicalization Scheme) form in UTF-8. Throws TypeError for what JSON cannot carry exactly:
 * numbers that are not finite, strings with lone surrogates, cycles, undefined.
 */
export function canonicalBytes(value: unknown): Buffer {
  let text: string | undefined;
  try {
    text = canonicalize(value);
  } catch (cause) {
    throw new TypeError(`no canonical form: ${cause instanceof Error ? cause.message : 'not JSON'}`, {
      cause,
    });
  }
  if (text === undefined) throw new TypeError('no canonical form: not a JSON value');
  return Buffer.from(text, 'utf8');
}

/** A document's file: its canonical form and one line feed. */
export function canonicalFile(document: unknown): Buffer {
  return Buffer.concat([canonicalBytes(document), Buffer.from([lineFeed])]);
}

export interface ReadOptions {
  /** Name of the file for messages. */
  readonly subject: string;
  /** What the file should be, e.g. "certificate". */
  readonly what: string;
  readonly code: FailureCode;
  /** Largest size in bytes. */
  readonly limit: number;
}

/**
 * Reads a file that must be exactly the canonical form and one line feed, so that every single changed byte shows.
 * That refuses at once duplicate keys, other number forms, invalid UTF-8, a byte order mark and re-formatted files.
 * Throws Failure with `options.code`; its message never quotes the file's content.
 */
export function parseCanonicalFile(bytes: Uint8Array, options: ReadOptions): unknown {
  const { subject, what, code, limit } = options;
  const refuse = (why: string, hint: string): Failure =>
    new Failure(code, `${subject}: no readable ${what}: ${why}`, { subject, hint });
  const damaged = `Take an undamaged copy of the ${what} from where it was issued.`;
  if (bytes.length === 0) throw refuse('the file is empty', damaged);
  if (bytes.length > limit) throw refuse(`${bytes.length} bytes, at most ${limit} are read`, damaged);
  if (nesting(bytes) > deepest) throw refuse(`nested deeper than ${deepest} levels`, damaged);
  let value: unknown;
  let canonical: Buffer;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
    canonical = canonicalFile(value);
  } catch {
    throw refuse('the file is not JSON', damaged);
  }
  if (!canonical.equals(bytes)) {
    throw refuse('not in canonical form (RFC 8785), so it was edited, re-formatted or damaged', damaged);
  }
  return value;
}

/**
 * Checks a parsed value against its schema and returns it; Failure with `options.code` names the first wrong field.
 * An unknown version or kind is told apart from damage.
 */
export function matchSchema<T>(
  value: unknown,
  schema: z.ZodType<T>,
  format: string,
  options: ReadOptions,
): T {
  const { subject, what, code } = options;
  const found = formatOf(value);
  if (found !== format) {
    const [name = ''] = format.split('/');
    const newer = found?.startsWith(`${name}/`) === true;
    throw new Failure(
      code,
      newer
        ? `${subject}: this ${what} has format ${found}; this program reads ${format}`
        : `${subject}: no ${what} (no format "${format}")`,
      {
        subject,
        hint: newer ? 'Use a newer version of MedLocker.' : `Check that this is the ${what} you meant.`,
      },
    );
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const field = issue === undefined || issue.path.length === 0 ? 'the document' : issue.path.join('.');
  throw new Failure(code, `${subject}: ${what} with an impossible value in ${field}`, {
    subject,
    hint: `Take an undamaged copy of the ${what} from where it was issued.`,
  });
}

function formatOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('format' in value)) return undefined;
  return typeof value.format === 'string' && /^[\w./-]{1,64}$/.test(value.format) ? value.format : undefined;
}

/** Deepest nesting of brackets outside strings; cheap guard in front of recursive schema checks. */
function nesting(bytes: Uint8Array): number {
  let depth = 0;
  let most = 0;
  let inString = false;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index];
    if (inString) {
      if (byte === 0x5c) index++;
      else if (byte === 0x22) inString = false;
    } else if (byte === 0x22) inString = true;
    else if (byte === 0x5b || byte === 0x7b) most = Math.max(most, ++depth);
    else if (byte === 0x5d || byte === 0x7d) depth--;
  }
  return most;
}
