import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createImageCertificate } from '../../src/ml/certificate/image-certificate.ts';
import {
  sampleInput,
  sampleOwner,
  sampleRaster,
  sampleSetId,
} from '../../src/ml/certificate/sample-certificate.fixture.ts';
import { createSetManifest } from '../../src/ml/certificate/set-manifest.ts';
import { encodeLossless } from '../../src/ml/imaging/write-image.ts';

/** Names of the images of a sample set. */
export const sampleImages = ['a.png', 'b.png'] as const;

/** Writes a protected folder of two tiny images with certificates, residuals and manifest; no grader takes part. */
export async function writeSampleSet(
  folder: string,
  { owner = sampleOwner(), setId = sampleSetId } = {},
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const entries = [];
  for (const [index, path] of sampleImages.entries()) {
    const original = sampleRaster(3, 8, 20 + index, 16);
    const input = { ...sampleInput(original, owner), path, setId };
    const { certificate, certificateFile, certificateSha256, residual } = createImageCertificate(input);
    await writeFile(join(folder, path), await encodeLossless(input.protected, 'png', null));
    await writeFile(join(folder, `${path}.certificate.json`), certificateFile);
    await writeFile(join(folder, `${path}.mlr`), residual);
    entries.push({ path, imageId: certificate.body.imageId, certificateSha256 });
  }
  const { manifestFile } = createSetManifest({
    ...{ owner, setId, entries, toolVersion: '0.1.0', licensee: null, terms: null },
    created: new Date('2026-01-02T03:04:05.678Z'),
    counts: { noRoom: 0, failed: 0 },
  });
  await writeFile(join(folder, 'medlocker-set.json'), manifestFile);
}
