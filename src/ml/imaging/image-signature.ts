/**
 * Names the kind of a file that is intact but no photograph for this program, from its first bytes; undefined = unknown
 * or possibly a photograph. Decoders would turn some of these into pixels (an SVG at any size, a PDF's first page).
 */
export function foreignFormat(bytes: Uint8Array): string | undefined {
  if (startsWith(bytes, 0, '%PDF')) return 'a PDF document';
  if (startsWith(bytes, 128, 'DICM')) return 'a DICOM file';
  if (startsWith(bytes, 0, '\u001f\u008b')) return 'a gzip archive';
  if (startsWith(bytes, 0, 'PK\u0003\u0004')) return 'a zip archive';
  if (startsWith(bytes, 0, 'BM') && bytes.length > 26) return 'a BMP image';
  if (/^P[1-7fF]\s/.test(latin1(bytes, 0, 3))) return 'a PNM image';
  if (startsWith(bytes, 4, 'ftyphei') || startsWith(bytes, 4, 'ftypmif1')) return 'a HEIC image';
  const beginning = latin1(bytes, 0, 1024).toLowerCase();
  if (/<svg[\s/>]/.test(beginning)) return 'an SVG drawing';
  if (/^\s*<(!doctype html|html)/.test(beginning)) return 'an HTML page';
  return undefined;
}

/** Whether a PNG carries the animation control chunk of APNG; decoders that do not know it show the first frame only. */
export function isAnimatedPng(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 8; at + 12 <= bytes.length; at += 12 + view.getUint32(at)) {
    const type = latin1(bytes, at + 4, 4);
    if (type === 'acTL') return true;
    if (type === 'IDAT') return false;
  }
  return false;
}

function startsWith(bytes: Uint8Array, offset: number, text: string): boolean {
  return latin1(bytes, offset, text.length) === text;
}

function latin1(bytes: Uint8Array, offset: number, length: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(
    'latin1',
    offset,
    offset + length,
  );
}
