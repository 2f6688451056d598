import { verify } from 'node:crypto';
import type { z } from 'zod';
import { Failure } from '../../shared/failure.ts';
import { canonicalBytes, canonicalFile, matchSchema, parseCanonicalFile } from './canonical-json.ts';
import type { ReadOptions } from './canonical-json.ts';
import { sha256Hex } from './digest.ts';
import { publicKeyFrom } from './key-encoding.ts';
import type { OwnerKey } from './owner-key.ts';

/** What certificate, manifest and licence have in common. */
export interface SignedDocument {
  readonly format: string;
  readonly body: { readonly owner: { readonly name: string; readonly publicKey: string } };
  readonly signature: string;
}

/**
 * Signs a body that the schema accepts. The signed message is the format's name, a line feed and the canonical body, so
 * that a signature of one kind of document never fits another kind.
 */
export function signDocument<T extends SignedDocument>(
  schema: z.ZodType<T>,
  format: T['format'],
  body: T['body'],
  owner: OwnerKey,
): T {
  const signature = owner.sign(signedMessage(format, body)).toString('hex');
  const result = schema.safeParse({ format, body, signature });
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const field = issue?.path.slice(1).join('.') ?? '';
  throw new Failure(
    'settings-invalid',
    `cannot sign: ${field} ${issue?.message ?? 'has an impossible value'}`,
    {
      subject: field,
      hint: 'Change that value; file names must be plain relative paths without control characters.',
    },
  );
}

/** A document as it stands in its file, with the hash a manifest lists. */
export interface ReadDocument<T> {
  readonly document: T;
  /** Of the file's bytes, hex. */
  readonly sha256: string;
}

/** Parses a file without judging its signature; throws Failure with `options.code`. */
export function readDocument<T extends SignedDocument>(
  bytes: Uint8Array,
  schema: z.ZodType<T>,
  format: T['format'],
  options: ReadOptions,
): ReadDocument<T> {
  const document = matchSchema(parseCanonicalFile(bytes, options), schema, format, options);
  return { document, sha256: sha256Hex(bytes) };
}

/** Whether the key named in the body made the signature over exactly this body. */
export function hasValidSignature(document: SignedDocument): boolean {
  const { format, body, signature } = document;
  try {
    const key = publicKeyFrom('ed25519', body.owner.publicKey);
    return verify(null, signedMessage(format, body), key, Buffer.from(signature, 'hex'));
  } catch {
    // 32 bytes that are no point of the curve
    return false;
  }
}

/** The bytes of a document's file. */
export function encodeDocument(document: SignedDocument): Buffer {
  return canonicalFile(document);
}

function signedMessage(format: string, body: unknown): Buffer {
  return Buffer.concat([Buffer.from(`${format}\n`, 'ascii'), canonicalBytes(body)]);
}
