import { describe, expect, it } from 'vitest';
import { withSamples } from '../imaging/raster.ts';
import { blend } from '../watermark/blend.ts';
import { createImageCertificate, readImageCertificate } from './image-certificate.ts';
import { deriveSetId } from './key-derivation.ts';
import { sampleInput, sampleOwner, sampleRaster, sampleZone } from './sample-certificate.fixture.ts';
import { hasValidSignature } from './signed-document.ts';

const failure = (code: string): unknown => expect.objectContaining({ name: 'Failure', code });

describe('createImageCertificate', () => {
  it('gives the same bytes for the same input', () => {
    const [first, second] = [createImageCertificate(sampleInput()), createImageCertificate(sampleInput())];
    expect(first.certificateFile.equals(second.certificateFile)).toBe(true);
    expect(first.residual.equals(second.residual)).toBe(true);
  });

  it('never uses a nonce or key for two different contents', () => {
    const owner = sampleOwner();
    const rasters = [sampleRaster(3, 8), sampleRaster(1, 8), sampleRaster(4, 16)];
    const seen = rasters.map((raster) => createImageCertificate(sampleInput(raster, owner)));
    const nonces = seen.map(({ residual }) => nonceOf(residual));
    expect(new Set(nonces).size).toBe(rasters.length);
    expect(new Set(seen.map(({ certificate }) => certificate.body.imageId)).size).toBe(rasters.length);
    const otherSet = createImageCertificate({ ...sampleInput(rasters[0], owner), setId: 'ff'.repeat(16) });
    expect(nonces).not.toContain(nonceOf(otherSet.residual));
  });

  it('states what a reader can read again', () => {
    const { certificate, certificateFile, certificateSha256 } = createImageCertificate(sampleInput());
    const read = readImageCertificate(certificateFile, 'c');
    expect(read).toEqual({ document: certificate, sha256: certificateSha256 });
    expect(hasValidSignature(read.document)).toBe(true);
    expect(read.document.body).toMatchObject({
      image: { path: 'left/ä image 1.png', width: 12, height: 10, channels: 3, bitDepth: 8 },
      // Nearest ink: (3, 2); nearest forbidden pixel: (5, 5).
      zone: { overlap: 0, clearance: Math.sqrt(13) },
      restoration: { kind: 'pixel-residual/1', silhouettePixels: 10 },
    });
  });

  it('refuses an image that was changed outside the marks', () => {
    const input = sampleInput();
    for (const sample of [0, input.protected.data.length / 2]) {
      const data = input.protected.data.slice();
      data[sample] ^= 1;
      const altered = { ...input, protected: withSamples(input.protected, data) };
      expect(() => createImageCertificate(altered)).toThrow(failure('certificate-mismatch'));
    }
  });

  it('refuses a mark on the forbidden zone', () => {
    const input = sampleInput();
    const stamps = input.stamps.map((placed) => ({ ...placed, x: 4, y: 4 }));
    const marked = { ...input, stamps, protected: blend(input.original, stamps) };
    expect(() => createImageCertificate(marked)).toThrow(/forbidden zone/);
  });

  it('refuses images of different shape, a zone of another size and no marks at all', () => {
    const input = sampleInput();
    const other = { ...input, protected: sampleRaster(4, 8) };
    expect(() => createImageCertificate(other)).toThrow(failure('certificate-mismatch'));
    expect(() => createImageCertificate({ ...input, zone: sampleZone(13, 10) })).toThrow(RangeError);
    expect(() => createImageCertificate({ ...input, placements: [] })).toThrow(failure('settings-invalid'));
  });

  it('writes an infinite PSNR and an absent zone as null', () => {
    const input = sampleInput();
    const zone = { ...input.zone, mask: { ...input.zone.mask, data: new Uint8Array(120) } };
    const { certificate } = createImageCertificate({
      ...input,
      zone,
      quality: { ...input.quality, psnr: Infinity },
    });
    expect(certificate.body.zone.clearance).toBeNull();
    expect(certificate.body.quality.psnr).toBeNull();
  });

  it.each([
    '/etc/passwd',
    '../x.png',
    'a/../../x.png',
    'a//b.png',
    './a.png',
    'a\\b.png',
    'C:/x.png',
    'a\nb.png',
    '',
  ])('refuses the path %j', (path) => {
    expect(() => createImageCertificate({ ...sampleInput(), path })).toThrow(failure('settings-invalid'));
  });

  it.each([NaN, Infinity])('refuses a quality of %d', (ssim) => {
    const input = sampleInput();
    const quality = { ...input.quality, ssim };
    expect(() => createImageCertificate({ ...input, quality })).toThrow();
  });
});

describe('deriveSetId', () => {
  it('depends on all its parts and their order', () => {
    const [a, b] = ['aa'.repeat(32), 'bb'.repeat(32)];
    expect(new Set([deriveSetId([a, b]), deriveSetId([b, a]), deriveSetId([a])]).size).toBe(3);
    expect(deriveSetId([a, b])).toMatch(/^[0-9a-f]{32}$/);
    expect(() => deriveSetId(['name'])).toThrow(RangeError);
  });
});

/** The twelve bytes behind version line, header line and the silhouette of the sample (8 bytes). */
function nonceOf(residual: Buffer): string {
  const headerEnd = residual.indexOf('\n', residual.indexOf('\n') + 1) + 1;
  const { silhouetteBytes } = JSON.parse(residual.subarray(0, headerEnd).toString().split('\n')[1]) as {
    silhouetteBytes: number;
  };
  return residual.subarray(headerEnd + silhouetteBytes, headerEnd + silhouetteBytes + 12).toString('hex');
}
