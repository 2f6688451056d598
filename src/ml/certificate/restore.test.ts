import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { certificateSchema, formats } from '../../shared/certificate.ts';
import type { CertificateBody } from '../../shared/certificate.ts';
import { withSamples } from '../imaging/raster.ts';
import { sha256Hex } from './digest.ts';
import { createImageCertificate } from './image-certificate.ts';
import { deriveImageId, deriveNonceKey, deriveResidualKey } from './key-derivation.ts';
import { sealResidual } from './residual.ts';
import { ownerAccess, RestoreAccess } from './restore-access.ts';
import { previewRestoration, restoreImage } from './restore.ts';
import type { RestoreInput } from './restore.ts';
import { sampleInput, sampleOwner, sampleRaster, sampleStamps } from './sample-certificate.fixture.ts';
import { encodeDocument, signDocument } from './signed-document.ts';
import { silhouetteMap } from './silhouette-map.ts';

const owner = sampleOwner();
const failure = (code: string): unknown => expect.objectContaining({ name: 'Failure', code });

const identityOf = ({ originalPixelsSha256, protectedPixelsSha256 }: CertificateBody['image']) => ({
  originalPixelsSha256,
  protectedPixelsSha256,
});

function restorable(raster = sampleRaster(3, 8)) {
  const input = sampleInput(raster, owner);
  const { certificateFile, residual, certificate } = createImageCertificate(input);
  const request: RestoreInput = {
    protected: input.protected,
    certificate: certificateFile,
    residual,
    access: ownerAccess(owner),
    trustedOwners: [owner],
    now: new Date('2026-02-01T00:00:00.000Z'),
  };
  return { original: input.original, request, body: certificate.body };
}

describe('restoreImage', () => {
  it.each([
    [1, 8],
    [2, 8],
    [3, 8],
    [4, 8],
    [1, 16],
    [2, 16],
    [3, 16],
    [4, 16],
  ] as const)('returns the original of a %i-channel %i-bit image bit for bit', (channels, depth) => {
    const { original, request, body } = restorable(sampleRaster(channels, depth));
    const restored = restoreImage(request);
    expect(restored.original).toEqual(original);
    expect(restored.original).not.toEqual(request.protected);
    expect(restored.proof).toEqual({
      imageId: body.imageId,
      path: body.image.path,
      licenceId: null,
      signerKey: owner.publicKey,
      protectedPixelsSha256: body.image.protectedPixelsSha256,
      originalPixelsSha256: body.image.originalPixelsSha256,
    });
  });

  it('leaves the protected image alone', () => {
    const { request } = restorable();
    const before = request.protected.data.slice();
    restoreImage(request);
    expect(request.protected.data).toEqual(before);
  });

  it('refuses altered pixels, also another shape over the same bytes', () => {
    const { request } = restorable();
    const data = request.protected.data.slice();
    data[5] ^= 1;
    const altered = withSamples(request.protected, data);
    expect(() => restoreImage({ ...request, protected: altered })).toThrow(failure('pixels-altered'));
    const turned = { ...request.protected, width: 10, height: 12 };
    expect(() => restoreImage({ ...request, protected: turned })).toThrow(failure('pixels-altered'));
  });

  it('refuses a signer who is not trusted, and a missing trust list', () => {
    const { request } = restorable();
    expect(() => restoreImage({ ...request, trustedOwners: [] })).toThrow(failure('signer-unknown'));
    const trustedOwners = [sampleOwner('stranger')];
    expect(() => restoreImage({ ...request, trustedOwners })).toThrow(failure('signer-unknown'));
  });

  it('refuses the residual of another image', () => {
    const { request } = restorable();
    const { request: other } = restorable(sampleRaster(3, 8, 14, 10));
    const mixed = { ...request, residual: other.residual };
    expect(() => restoreImage(mixed)).toThrow(failure('residual-damaged'));
  });

  it('refuses another owner’s access as not covering the image', () => {
    const { request } = restorable();
    const access = ownerAccess(sampleOwner('stranger'));
    expect(() => restoreImage({ ...request, access })).toThrow(failure('licence-invalid'));
  });

  it('refuses every wrong key', () => {
    const { request, body } = restorable();
    const about = { ownerPublicKey: owner.publicKey, licenceId: 'x', licensee: 'x', expires: null };
    const right = ownerAccess(owner).residualKey(body.setId, body.imageId);
    const wrong = [
      ...Array.from({ length: 256 }, (_, bit) => {
        const key = Buffer.from(right ?? []);
        key[bit >> 3] ^= 1 << (bit & 7);
        return key;
      }),
      ...Array.from({ length: 500 }, () => randomBytes(32)),
    ];
    for (const key of wrong) {
      const access = new RestoreAccess(
        about,
        () => key,
        () => undefined,
      );
      expect(() => restoreImage({ ...request, access })).toThrow(failure('wrong-key'));
    }
  });

  it('refuses from the instant on at which the licence ends', () => {
    const { request } = restorable();
    const expires = new Date('2026-02-01T00:00:00.000Z');
    const about = { ownerPublicKey: owner.publicKey, licenceId: 'x', licensee: 'x', expires };
    const access = new RestoreAccess(
      about,
      (...ids) => ownerAccess(owner).residualKey(...ids),
      () => undefined,
    );
    const before = new Date(expires.getTime() - 1);
    expect(restoreImage({ ...request, access, now: before }).proof.licenceId).toBe('x');
    expect(() => restoreImage({ ...request, access, now: expires })).toThrow(failure('licence-expired'));
    expect(() => restoreImage({ ...request, access, now: new Date(NaN) })).toThrow(RangeError);
  });
});

describe('a certificate and residual that agree on a wrong original', () => {
  it('give nothing out, though signature, hashes and decryption all hold', () => {
    const { request, body } = restorable();
    const wrong = { ...body.image, originalPixelsSha256: 'ab'.repeat(32) };
    const imageId = deriveImageId(wrong.originalPixelsSha256, wrong.protectedPixelsSha256);
    const setKey = owner.setKey(body.setId);
    const keys = { residual: deriveResidualKey(setKey, imageId), nonce: deriveNonceKey(setKey, imageId) };
    const silhouette = silhouetteMap(12, 10, sampleStamps());
    const { file } = sealResidual(sampleRaster(3, 8), silhouette, { ...identityOf(wrong), imageId }, keys);
    const restoration = { ...body.restoration, sha256: sha256Hex(file), bytes: file.length };
    const signed = signDocument(
      certificateSchema,
      formats.certificate,
      { ...body, imageId, image: wrong, restoration },
      owner,
    );
    const forged = { ...request, certificate: encodeDocument(signed), residual: file };
    expect(() => restoreImage(forged)).toThrow(failure('certificate-mismatch'));
  });
});

describe('previewRestoration', () => {
  it('lays the original samples over an altered image and calls it approximate', () => {
    const { original, request } = restorable();
    const altered = withSamples(
      request.protected,
      Uint8Array.from(request.protected.data, (sample) => sample ^ 1),
    );
    const preview = previewRestoration({ ...request, protected: altered });
    expect(preview).toMatchObject({ kind: 'approximate-preview', approximate: true });
    expect(preview).not.toHaveProperty('original');
    const differences = original.data.map((sample, index) => Math.abs(sample - preview.raster.data[index]));
    expect(Math.max(...differences)).toBe(1);
    // The marked pixels themselves are exact: 10 pixels of 3 channels.
    expect(differences.filter((difference) => difference === 0)).toHaveLength(30);
  });

  it('refuses another shape and all that restoring refuses', () => {
    const { request } = restorable();
    const turned = { ...request.protected, width: 10, height: 12 };
    expect(() => previewRestoration({ ...request, protected: turned })).toThrow(failure('pixels-altered'));
    expect(() => previewRestoration({ ...request, trustedOwners: [] })).toThrow(failure('signer-unknown'));
  });
});
