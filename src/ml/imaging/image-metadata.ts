/** What a file says about its picture besides the samples. Nothing of it was applied to the samples. */
export interface ImageMetadata {
  /** The decoder that recognised the content, whatever the file's name: 'jpeg', 'png', 'tiff', 'webp', 'gif', 'avif'. */
  readonly format: string;
  readonly width: number;
  readonly height: number;
  /** As decoded: 1 grey, 2 grey+alpha, 3 RGB, 4 RGBA. */
  readonly channels: number;
  readonly bitDepth: 8 | 16;
  /** ICC profile the samples are meant in; null = none (read as sRGB). Samples are never converted by it. */
  readonly icc: Uint8Array | null;
  /** EXIF as a TIFF structure (starting with II or MM), without the "Exif\0\0" prefix. */
  readonly exif: Uint8Array | null;
  /** XMP packet, UTF-8. */
  readonly xmp: Uint8Array | null;
  /** EXIF orientation 1..8; 1 when the file says nothing. A viewer turns the picture by it, the samples stay as stored. */
  readonly orientation: number;
  /** Pixels per inch, null when the file says nothing. */
  readonly density: number | null;
  /** Remarks for the report, one sentence each: what was unusual about the file and what was done. */
  readonly notes: readonly string[];
}
