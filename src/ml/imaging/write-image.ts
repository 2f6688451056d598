import sharp from 'sharp';
import type { Sharp } from 'sharp';
import { Failure } from '../../shared/failure.ts';
import { embeddable } from './embeddable-metadata.ts';
import { encodeTiff } from './encode-tiff.ts';
import type { ImageMetadata } from './image-metadata.ts';
import { withPngMetadata } from './png-chunks.ts';
import type { Raster } from './raster.ts';
import { withWebpMetadata } from './webp-chunks.ts';

export type LosslessFormat = 'png' | 'tiff' | 'webp';

/**
 * A file whose decoding (`decodeImage`) gives exactly the raster's samples, including the colours under transparent pixels.
 * With `metadata` the ICC profile, EXIF (orientation, without embedded previews), XMP and density are embedded; `null` = nothing but pixels.
 * @throws Failure `image-unsupported` where the format cannot hold the raster: WebP for grey, 16 bits or sides over 16,383.
 */
export async function encodeLossless(
  raster: Raster,
  format: LosslessFormat,
  metadata: ImageMetadata | null,
): Promise<Buffer> {
  const embedded = metadata === null ? null : embeddable(metadata, raster);
  switch (format) {
    case 'png': {
      const png = await sharpOf(raster).png({ compressionLevel: 6, adaptiveFiltering: true }).toBuffer();
      return withPngMetadata(png, embedded);
    }
    case 'tiff':
      return encodeTiff(raster, embedded);
    case 'webp': {
      refuseForWebp(raster);
      const webp = await sharpOf(raster).webp({ lossless: true, exact: true, effort: 4 }).toBuffer();
      return withWebpMetadata(webp, raster, raster.channels === 4, embedded);
    }
  }
}

function sharpOf(raster: Raster): Sharp {
  const { width, height, channels } = raster;
  const input = sharp(raster.data, { raw: { width, height, channels }, limitInputPixels: false });
  if (raster.bitDepth === 8) return channels <= 2 ? input.toColourspace('b-w') : input;
  const space = channels <= 2 ? 'grey16' : 'rgb16';
  return input.pipelineColourspace(space).toColourspace(space);
}

function refuseForWebp(raster: Raster): void {
  const reason =
    raster.bitDepth === 16
      ? 'it holds 8 bits a sample, the picture has 16'
      : raster.channels <= 2
        ? 'it knows no grey pictures'
        : Math.max(raster.width, raster.height) > 16_383
          ? `its sides end at 16,383 pixels, the picture has ${raster.width} x ${raster.height}`
          : undefined;
  if (reason === undefined) return;
  throw new Failure('image-unsupported', `lossless WebP cannot hold this picture: ${reason}`, {
    hint: 'Choose PNG or TIFF as the output format.',
  });
}
