import { describe, expect, it } from 'vitest';
import { certificateSchema, formats } from '../../shared/certificate.ts';
import { Failure } from '../../shared/failure.ts';
import { isVerified } from '../../shared/verification.ts';
import { withSamples } from '../imaging/raster.ts';
import { sha256Hex } from './digest.ts';
import { createImageCertificate } from './image-certificate.ts';
import { sampleInput, sampleOwner, sampleRaster, sampleZone } from './sample-certificate.fixture.ts';
import { encodeDocument, signDocument } from './signed-document.ts';
import { verifyImage } from './verify-image.ts';
import type { VerifyImageInput } from './verify-image.ts';

const owner = sampleOwner();
const stranger = sampleOwner('stranger');
const input = sampleInput(undefined, owner);
const { certificate, certificateFile, residual } = createImageCertificate(input);
const genuine: VerifyImageInput = {
  path: 'x.png',
  certificate: certificateFile,
  protected: input.protected,
  residual,
  zone: input.zone,
  trustedOwners: [stranger, owner],
};
const verify = (change: Partial<VerifyImageInput>) => verifyImage({ ...genuine, ...change });
const lines = (change: Partial<VerifyImageInput>) => {
  const { integrity, signature, trust } = verify(change);
  return [integrity, signature, trust].map(({ status, code }) => `${status} ${code}`);
};

describe('verifyImage', () => {
  it('says valid three times for a genuine image of a trusted owner', () => {
    const report = verify({});
    expect(isVerified(report)).toBe(true);
    expect(report).toMatchObject({ imageId: certificate.body.imageId, signer: owner.keyId });
    expect(report.checks.map(({ name, status }) => `${name} ${status}`)).toEqual([
      'certificate valid',
      'image-id valid',
      'pixels valid',
      'residual valid',
      'forbidden-zone valid',
    ]);
  });

  it('says unknown, not invalid, for a signer nobody told about', () => {
    const genuineLines = ['valid intact', 'valid signature-fits'];
    expect(lines({ trustedOwners: [] })).toEqual([...genuineLines, 'unknown no-trusted-keys']);
    expect(lines({ trustedOwners: [stranger] })).toEqual([...genuineLines, 'unknown signer-unknown']);
    expect(isVerified(verify({ trustedOwners: [] }))).toBe(false);
  });

  it('does not trust somebody who uses the owner’s name', () => {
    const impostor = sampleOwner('impostor');
    const forged = createImageCertificate({ ...sampleInput(undefined, impostor) });
    const named = verify({ certificate: forged.certificateFile, residual: forged.residual });
    expect(named.trust).toMatchObject({ status: 'unknown', code: 'signer-unknown' });
  });

  it('tells altered pixels from a bad signature', () => {
    const data = input.protected.data.slice();
    data[7] ^= 1;
    const altered = withSamples(input.protected, data);
    expect(lines({ protected: altered })).toEqual([
      'invalid pixels-altered',
      'valid signature-fits',
      'valid signer-trusted',
    ]);
    const body = { ...certificate.body, label: 4 };
    expect(lines({ certificate: encodeDocument({ ...certificate, body }) })).toEqual([
      'valid intact',
      'invalid signature-invalid',
      'unknown signature-invalid',
    ]);
  });

  it('says invalid for a certificate that is missing or unreadable, and unknown for the rest', () => {
    for (const bytes of [null, Buffer.from('{}\n'), Buffer.alloc(0)]) {
      expect(lines({ certificate: bytes })).toEqual([
        'invalid certificate-unreadable',
        'unknown certificate-unreadable',
        'unknown certificate-unreadable',
      ]);
    }
  });

  it('says invalid for an image that is missing or cannot be read, with the reader’s reason', () => {
    expect(lines({ protected: null })[0]).toBe('invalid image-missing');
    const unreadable = new Failure('image-unreadable', 'x.png: truncated');
    expect(verify({ protected: unreadable }).integrity).toMatchObject({
      status: 'invalid',
      code: 'image-unreadable',
      reason: 'x.png: truncated',
    });
  });

  it('says unknown for a missing residual, unless the set is passed on without residuals', () => {
    expect(lines({ residual: null, zone: undefined })[0]).toBe('unknown residual-missing');
    const passedOn = verify({ residual: null, zone: undefined, residualExpected: false });
    expect(passedOn.integrity).toMatchObject({ status: 'valid', code: 'intact' });
    expect(passedOn.integrity.reason).toMatch(/not checked: residual, forbidden-zone/);
  });

  it('says invalid for the residual of another image', () => {
    const other = createImageCertificate(sampleInput(sampleRaster(3, 8, 14, 10), owner));
    expect(lines({ residual: other.residual })[0]).toBe('invalid residual-damaged');
  });

  it('leaves the zone open when it is not at hand', () => {
    const report = verify({ zone: undefined });
    expect(report.integrity.status).toBe('valid');
    expect(report.checks.at(-1)).toMatchObject({ status: 'not-checked', code: 'zone-not-at-hand' });
  });

  it('recomputes overlap and clearance from the zone, whatever the certificate states', () => {
    const resealed = (zone: VerifyImageInput['zone'], clearance: number | null) => {
      // A dishonest owner: signs a zone and a clearance that were never checked.
      const body = {
        ...certificate.body,
        zone: { ...certificate.body.zone, sha256: zone?.sha256 ?? '', clearance },
      };
      const signed = signDocument(certificateSchema, formats.certificate, body, owner);
      const report = verify({ zone, certificate: encodeDocument(signed) });
      expect(report.signature.status).toBe('valid');
      return report.checks.at(-1);
    };
    const data = new Uint8Array(120);
    data[1 * 12 + 1] = 1;
    const onInk = { mask: { width: 12, height: 10, data }, sha256: sha256Hex('12 10\n', data) };
    expect(resealed(onInk, 5)).toMatchObject({ status: 'invalid', code: 'zone-overlap' });
    expect(resealed(input.zone, 5)).toMatchObject({ status: 'invalid', code: 'clearance-differs' });
    expect(resealed(input.zone, null)).toMatchObject({ status: 'invalid', code: 'clearance-differs' });
    expect(resealed(input.zone, Math.sqrt(13))).toMatchObject({ status: 'valid', code: 'zone-respected' });
  });

  it('refuses a zone that is not the certified one', () => {
    const data = input.zone.mask.data.slice();
    data[0] = 1;
    const zone = { ...input.zone, mask: { ...input.zone.mask, data } };
    expect(lines({ zone })[0]).toBe('invalid zone-differs');
    expect(lines({ zone: sampleZone(13, 10) })[0]).toBe('invalid zone-differs');
  });

  it('says unknown for a zone whose silhouette is missing', () => {
    expect(verify({ residual: null }).checks.at(-1)).toMatchObject({
      status: 'unknown',
      code: 'silhouette-missing',
    });
  });
});
