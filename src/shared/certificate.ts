import { z } from 'zod';
import { placementSchema } from './placement.ts';

/**
 * Shapes of everything of the certificate formats that is parsed from files; docs/formats.md describes them byte by
 * byte. The first word of each file is its `format`: name and version. Readers refuse what they do not know.
 */
export const formats = {
  certificate: 'medlocker-certificate/1',
  manifest: 'medlocker-manifest/1',
  licence: 'medlocker-licence/1',
  publicKey: 'medlocker-public-key/1',
  secretKey: 'medlocker-secret-key/1',
  residual: 'medlocker-residual/1',
} as const;

const hex = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`));
const sha256 = hex(32);
const publicKey = hex(32);
const count = z.int().min(0);
const line = z.string().max(4096).refine(isOneLine, 'contains control characters');
const text = z.string().max(65_536);
/** UTC with milliseconds, as Date.toISOString() writes it. */
const instant = z.iso.datetime({ precision: 3 });
const id = hex(16);

/** Relative to the set's folder, '/' between segments; can never lead out of the folder. */
export const relativePathSchema = z
  .string()
  .min(1)
  .max(4096)
  .refine(isSafeRelativePath, 'is no plain relative path');

const toolSchema = z.strictObject({ name: line, version: line });
const ownerSchema = z.strictObject({ name: line, publicKey });

const zoneSourceSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('annotation'),
    format: z.enum(['mask-png', 'voc-xml', 'coco-json', 'csv', 'drawn']),
    classes: z.array(line).max(1000),
    sha256,
  }),
  z.strictObject({ kind: z.literal('grad-cam'), model: line, threshold: z.number() }),
  z.strictObject({ kind: z.literal('outside-field-of-view') }),
  z.strictObject({
    kind: z.literal('landmark'),
    name: z.enum(['disc', 'fovea']),
    confidence: z.number().min(0).max(1),
  }),
  z.strictObject({ kind: z.literal('segmentation'), model: line, threshold: z.number() }),
]);

/** How the original comes back. Further kinds (e.g. in a JPEG's own domain) become further members. */
const restorationSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('pixel-residual/1'),
    /** Of the whole sidecar file. */
    sha256,
    bytes: count,
    /** Of the sidecar's silhouette section. */
    silhouetteSha256: sha256,
    silhouettePixels: count,
  }),
]);

export const imageRecordSchema = z.strictObject({
  path: relativePathSchema,
  format: z.enum(['png', 'tiff', 'webp']),
  width: z.int().min(1).max(1_000_000),
  height: z.int().min(1).max(1_000_000),
  channels: z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)]),
  bitDepth: z.union([z.literal(8), z.literal(16)]),
  originalPixelsSha256: sha256,
  protectedPixelsSha256: sha256,
});

export const surrogateRecordSchema = z.strictObject({
  id: sha256,
  name: line,
  kind: z.enum(['onnx', 'tfjs']),
  /** Predicted class before and after. */
  clean: count,
  protected: count,
});

export const rightsSchema = z.strictObject({ holder: line, text, terms: text });

export const certificateBodySchema = z.strictObject({
  imageId: id,
  setId: id,
  created: instant,
  tool: toolSchema,
  owner: ownerSchema,
  rights: rightsSchema,
  image: imageRecordSchema,
  mark: z.strictObject({
    blend: line,
    logoSha256: sha256.nullable(),
    placements: z.array(placementSchema).min(1).max(100_000),
    /** Marks asked for and not placed. */
    missing: count,
    /** Size in the end, as a fraction of the field of view's diameter. */
    size: z.number(),
  }),
  /** As the tool's version understood them; informative, nothing is verified with them. */
  settings: z.object({ preset: line, seed: count }).catchall(z.json()),
  search: z.strictObject({ method: line, forwards: count, gradients: count }),
  zone: z.strictObject({
    sha256,
    sources: z.array(zoneSourceSchema).max(1000),
    dilation: z.number().min(0),
    overlap: z.literal(0),
    /** Pixels to the nearest forbidden pixel; null when nothing is forbidden. */
    clearance: z.number().min(0).nullable(),
  }),
  label: count.nullable(),
  surrogates: z.array(surrogateRecordSchema).max(1000),
  quality: z.strictObject({
    /** Decibels; null when the images are equal (infinite). */
    psnr: z.number().nullable(),
    ssim: z.number(),
    /** Silhouette's share of the field of view. */
    fieldOfViewFraction: z.number().min(0),
  }),
  restoration: restorationSchema,
});

export const manifestEntrySchema = z.strictObject({
  path: relativePathSchema,
  imageId: id,
  /** Of the certificate file. */
  certificateSha256: sha256,
});

export const manifestBodySchema = z.strictObject({
  setId: id,
  created: instant,
  tool: toolSchema,
  owner: ownerSchema,
  licensee: line.nullable(),
  terms: text.nullable(),
  counts: z.strictObject({ protected: count, noRoom: count, failed: count }),
  entries: z.array(manifestEntrySchema).max(10_000_000),
  merkleRoot: sha256,
});

const scryptSchema = z.strictObject({ logN: z.int().min(17).max(20), salt: hex(16) });

const recipientSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('x25519'), publicKey, ephemeralKey: publicKey, nonce: hex(12) }),
  z.strictObject({ kind: z.literal('passphrase'), scrypt: scryptSchema, nonce: hex(12) }),
]);

export const licenceBodySchema = z.strictObject({
  licenceId: id,
  setId: id,
  created: instant,
  /** First instant at which the licence no longer holds; null for no end. */
  expires: instant.nullable(),
  owner: ownerSchema,
  licensee: line,
  terms: text,
  scope: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('set') }),
    z.strictObject({ kind: z.literal('images'), imageIds: z.array(id).min(1).max(1_000_000) }),
  ]),
  recipient: recipientSchema,
  /** AES-256-GCM ciphertext and tag of the set key, or of the image keys in the order of `imageIds`. */
  wrappedKeys: z.string().regex(/^(?:[0-9a-f]{2})+$/),
});

const signed = <F extends string, B extends z.ZodType>(format: F, body: B) =>
  z.strictObject({ format: z.literal(format), body, signature: hex(64) });

export const certificateSchema = signed(formats.certificate, certificateBodySchema);
export const manifestSchema = signed(formats.manifest, manifestBodySchema);
export const licenceSchema = signed(formats.licence, licenceBodySchema);

export const keyKinds = ['owner', 'recipient'] as const;

export const publicKeyFileSchema = z.strictObject({
  format: z.literal(formats.publicKey),
  kind: z.enum(keyKinds),
  name: line,
  publicKey,
});

export const secretKeyFileSchema = z.strictObject({
  format: z.literal(formats.secretKey),
  kind: z.enum(keyKinds),
  name: line,
  created: instant,
  publicKey,
  scrypt: scryptSchema,
  nonce: hex(12),
  ciphertext: z.string().regex(/^(?:[0-9a-f]{2})+$/),
});

export const residualHeaderSchema = z.strictObject({
  kind: z.literal('pixel-residual/1'),
  imageId: id,
  width: z.int().min(1).max(1_000_000),
  height: z.int().min(1).max(1_000_000),
  channels: z.int().min(1).max(4),
  bitDepth: z.union([z.literal(8), z.literal(16)]),
  originalPixelsSha256: sha256,
  protectedPixelsSha256: sha256,
  silhouetteBytes: count,
  silhouettePixels: count,
});

export type CertificateBody = z.infer<typeof certificateBodySchema>;
export type ImageCertificate = z.infer<typeof certificateSchema>;
export type ManifestBody = z.infer<typeof manifestBodySchema>;
export type ManifestEntry = z.infer<typeof manifestEntrySchema>;
export type SetManifest = z.infer<typeof manifestSchema>;
export type LicenceBody = z.infer<typeof licenceBodySchema>;
export type Licence = z.infer<typeof licenceSchema>;
export type PublicKeyFile = z.infer<typeof publicKeyFileSchema>;
export type SecretKeyFile = z.infer<typeof secretKeyFileSchema>;
export type ResidualHeader = z.infer<typeof residualHeaderSchema>;
export type SurrogateRecord = z.infer<typeof surrogateRecordSchema>;
export type Rights = z.infer<typeof rightsSchema>;
export type KeyKind = (typeof keyKinds)[number];

/** No control characters, which could rewrite what a terminal shows. */
function isOneLine(value: string): boolean {
  return !/\p{Cc}/u.test(value);
}

function isSafeRelativePath(path: string): boolean {
  if (!isOneLine(path) || path.includes('\\') || /^[A-Za-z]:/.test(path)) return false;
  return path.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..');
}
