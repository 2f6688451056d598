import { exifWithOrientation, exifWithoutPictures } from './exif.ts';
import type { ImageMetadata } from './image-metadata.ts';
import type { Raster } from './raster.ts';
import { colourChannels } from './raster.ts';

/** The metadata that may go into a written file. */
export interface EmbeddableMetadata {
  readonly icc: Uint8Array | null;
  readonly exif: Uint8Array | null;
  readonly xmp: Uint8Array | null;
  readonly orientation: number;
  readonly density: number | null;
}

/**
 * What is embedded of a picture's metadata: EXIF and XMP without embedded previews (they would show the picture without
 * marks), the ICC profile when it is of the raster's kind, orientation always inside EXIF.
 */
export function embeddable(metadata: ImageMetadata, raster: Raster): EmbeddableMetadata {
  const { orientation, density } = metadata;
  const exif = metadata.exif === null ? null : exifWithoutPictures(metadata.exif);
  return {
    icc: metadata.icc !== null && profileSuits(metadata.icc, raster) ? metadata.icc : null,
    exif: exif ?? (orientation === 1 ? null : exifWithOrientation(orientation)),
    xmp: metadata.xmp !== null && !holdsPreview(metadata.xmp) ? metadata.xmp : null,
    orientation,
    density: density !== null && density > 0 && Number.isFinite(density) ? density : null,
  };
}

/** Readers refuse or warn about an RGB profile in a grey picture and the other way round (ICC.1, data colour space at byte 16). */
function profileSuits(icc: Uint8Array, raster: Raster): boolean {
  const space = Buffer.from(icc.subarray(16, 20)).toString('latin1');
  return space === (colourChannels(raster) === 1 ? 'GRAY' : 'RGB ');
}

/** Photo editors keep JPEG previews in XMP as base64. */
function holdsPreview(xmp: Uint8Array): boolean {
  const text = Buffer.from(xmp.buffer, xmp.byteOffset, xmp.byteLength).toString('latin1');
  return text.includes('xmpGImg:image') || text.includes('xmp:Thumbnails');
}
