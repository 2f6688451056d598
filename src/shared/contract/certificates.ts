import { z } from 'zod';
import { handleIdSchema, pathHandleSchema } from './handles.ts';
import { jobIdSchema } from './jobs.ts';

const passphrase = z.string().min(1).max(1024);
const instant = z.iso.datetime({ precision: 3 });

/** Secret keys stay in the engine; the window sees names and public halves. */
export const keySchema = z.strictObject({
  /** SHA-256 of the public key, hex. */
  id: z.string(),
  kind: z.enum(['owner', 'recipient']),
  name: z.string(),
  created: z.string().nullable(),
  publicKey: z.string(),
  unlocked: z.boolean(),
  /** The passphrase lies in the system's key store. */
  remembered: z.boolean(),
});

/** A person or clinic whose public key is known: a licence can be granted to it, or its signature trusted. */
const contactSchema = z.strictObject({
  id: z.string(),
  kind: z.enum(['owner', 'recipient']),
  name: z.string(),
  publicKey: z.string(),
});

const lineSchema = z.strictObject({
  status: z.enum(['valid', 'invalid', 'unknown']),
  code: z.string(),
  reason: z.string(),
});

const checkSchema = z.strictObject({
  name: z.string(),
  status: z.enum(['valid', 'invalid', 'unknown', 'not-checked']),
  code: z.string(),
  reason: z.string(),
});

const lines = { integrity: lineSchema, signature: lineSchema, trust: lineSchema };

const verifiedImageSchema = z.strictObject({
  path: z.string(),
  signer: z.string().nullable(),
  ...lines,
  checks: z.array(checkSchema),
});

export const verificationSchema = z.strictObject({
  subject: z.string(),
  verified: z.boolean(),
  /** Null when single images were verified without a set certificate. */
  set: z
    .strictObject({
      setId: z.string().nullable(),
      signer: z.string().nullable(),
      ...lines,
      counts: z.strictObject({ listed: z.int(), valid: z.int(), notValid: z.int() }),
      missing: z.array(z.string()),
      extra: z.array(z.string()),
    })
    .nullable(),
  /** Those that are not valid first; of a large set only the first 500. */
  images: z.array(verifiedImageSchema),
});

/** How far a verification or restoration is. */
export const checkingProgressSchema = z.strictObject({
  work: z.enum(['verify', 'restore']),
  finished: z.int().min(0),
  total: z.int().min(0),
  etaSeconds: z.number().min(0).nullable(),
});

export const restorationSchema = z.strictObject({
  out: pathHandleSchema,
  images: z.array(
    z.strictObject({
      path: z.string(),
      /** Bit-exact: the restored samples hash to what the certificate states of the original. */
      exact: z.boolean(),
      originalPixelsSha256: z.string().nullable(),
      reason: z.string().nullable(),
      code: z.string().nullable(),
    }),
  ),
});

const licenceSchema = z.strictObject({
  licenceId: z.string(),
  licensee: z.string(),
  created: z.string(),
  expires: z.string().nullable(),
  scope: z.string(),
  file: pathHandleSchema,
});

const nothing = z.strictObject({});

export const certificateRequests = {
  'keys.list': { by: 'engine', input: nothing, output: z.array(keySchema) },
  /** Makes a key in the program's own folder. Main keeps the passphrase in the system's key store when asked to. */
  'keys.create': {
    by: 'engine',
    input: z.strictObject({
      kind: z.enum(['owner', 'recipient']),
      name: z.string().min(1).max(200),
      passphrase,
      remember: z.boolean(),
    }),
    output: keySchema,
  },
  /** Takes a copy of a secret key file that lies elsewhere. */
  'keys.import': {
    by: 'engine',
    input: z.strictObject({ file: handleIdSchema, passphrase, remember: z.boolean() }),
    output: keySchema,
  },
  'keys.unlock': {
    by: 'engine',
    input: z.strictObject({ key: z.string(), passphrase, remember: z.boolean() }),
    output: keySchema,
  },
  'keys.lock': { by: 'engine', input: z.strictObject({ key: z.string() }), output: keySchema },
  'keys.exportPublic': {
    by: 'engine',
    input: z.strictObject({ key: z.string(), file: handleIdSchema }),
    output: pathHandleSchema,
  },
  'contacts.list': { by: 'engine', input: nothing, output: z.array(contactSchema) },
  /** Adds a public key file: a recipient, or an owner to trust. */
  'contacts.add': {
    by: 'engine',
    input: z.strictObject({ file: handleIdSchema }),
    output: contactSchema,
  },
  'contacts.remove': { by: 'engine', input: z.strictObject({ contact: z.string() }), output: nothing },
  'licences.grant': {
    by: 'engine',
    input: z.strictObject({
      ownerKey: z.string(),
      /** The protected folder. */
      set: z.union([z.strictObject({ job: jobIdSchema }), z.strictObject({ folder: handleIdSchema })]),
      /** Paths in the protected folder; empty grants the whole set. */
      images: z.array(z.string().max(4096)).max(100_000),
      recipient: z.union([z.strictObject({ contact: z.string() }), z.strictObject({ passphrase })]),
      licensee: z.string().min(1).max(200),
      terms: z.string().max(10_000),
      expires: instant.nullable(),
      out: handleIdSchema,
    }),
    output: licenceSchema,
  },
  /** Everything placed, as a table: one row a mark. */
  'certificates.exportParameters': {
    by: 'engine',
    input: z.strictObject({ job: jobIdSchema, format: z.enum(['csv', 'json']), file: handleIdSchema }),
    output: z.strictObject({ file: pathHandleSchema, images: z.int(), marks: z.int() }),
  },
  /** Signs the set anew; where the job asks for review, with approved images only. */
  'certificates.certifySet': {
    by: 'engine',
    input: z.strictObject({ job: jobIdSchema, ownerKey: z.string() }),
    output: z.strictObject({
      file: pathHandleSchema,
      images: z.int(),
      /** Left out: rejected or not yet decided. */
      leftOut: z.int(),
      merkleRoot: z.string(),
    }),
  },
  /** A protected folder, one protected image, or a certificate file. */
  'certificates.verify': {
    by: 'engine',
    input: z.strictObject({ path: handleIdSchema, residualExpected: z.boolean() }),
    output: verificationSchema,
  },
  /** Ends verifications and restorations that are at work: they fail with the code `cancelled`; what is restored stays. */
  'certificates.stop': { by: 'engine', input: nothing, output: nothing },
  'certificates.restore': {
    by: 'engine',
    input: z.strictObject({
      path: handleIdSchema,
      out: handleIdSchema,
      access: z.discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('owner'), key: z.string() }),
        z.strictObject({ kind: z.literal('licence'), licence: handleIdSchema, key: z.string() }),
        z.strictObject({ kind: z.literal('passphrase'), licence: handleIdSchema, passphrase }),
      ]),
    }),
    output: restorationSchema,
  },
} as const;

export type Key = z.infer<typeof keySchema>;
export type Contact = z.infer<typeof contactSchema>;
export type Verification = z.infer<typeof verificationSchema>;
export type CheckingProgress = z.infer<typeof checkingProgressSchema>;
export type VerificationLine = z.infer<typeof lineSchema>;
export type Restoration = z.infer<typeof restorationSchema>;
export type LicenceFile = z.infer<typeof licenceSchema>;
