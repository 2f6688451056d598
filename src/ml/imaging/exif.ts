const prefix = 'Exif\u0000\u0000';

/** EXIF as JPEG segments and WebP chunks carry it may start with "Exif\0\0"; PNG and TIFF want the bare structure. */
export function withoutExifPrefix(exif: Uint8Array): Uint8Array {
  const hasPrefix = Buffer.from(exif.subarray(0, prefix.length)).toString('latin1') === prefix;
  return exif.slice(hasPrefix ? prefix.length : 0);
}
