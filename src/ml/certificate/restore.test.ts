import { describe, expect, it } from 'vitest';
import { createImageCertificate } from './image-certificate.ts';
import { ownerAccess } from './restore-access.ts';
import { restoreImage } from './restore.ts';
import { sampleInput, sampleOwner, sampleRaster } from './sample-certificate.fixture.ts';

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
    const owner = sampleOwner();
    const input = sampleInput(sampleRaster(channels, depth), owner);
    const { certificateFile, residual } = createImageCertificate(input);
    const { original } = restoreImage({
      protected: input.protected,
      certificate: certificateFile,
      residual,
      access: ownerAccess(owner),
      trustedOwners: [owner],
      now: new Date('2026-02-01T00:00:00.000Z'),
    });
    expect(original).toEqual(input.original);
    expect(original).not.toEqual(input.protected);
  });
});
