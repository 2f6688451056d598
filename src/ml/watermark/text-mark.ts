import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import opentype from 'opentype.js';
import sharp from 'sharp';
import { Failure } from '../../shared/failure.ts';
import { type Logo, logoOfPixels } from './logo.ts';

/** Em size in pixels text is drawn at before it is scaled to a mark. */
const EM = 160;

/**
 * One line of white text as a logo. The outline comes from the bundled Inter typeface (SIL OFL 1.1) and not from the
 * fonts of the machine, so that the same text gives the same mark everywhere. Throws a Failure for characters the
 * typeface lacks.
 */
export async function textLogo(text: string): Promise<Logo> {
  const font = loadFont();
  const missing = [...text].filter((character) => font.charToGlyphIndex(character) === 0);
  if (missing.length > 0 || text.trim() === '') {
    const why =
      text.trim() === '' ? 'it is blank' : `the typeface has no glyph for ${JSON.stringify(missing[0])}`;
    throw new Failure('logo-unusable', `mark text ${JSON.stringify(text)}: ${why}`, {
      hint: 'Use Latin letters, digits and punctuation, or give the text as a logo file.',
    });
  }
  const outline = outlineOf(font, text);
  const { x1, y1, x2, y2 } = outline.getBoundingBox();
  const width = Math.ceil(x2 - x1) + 2;
  const height = Math.ceil(y2 - y1) + 2;
  const path = outline.toPathData(2);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><path transform="translate(${1 - x1} ${1 - y1})" d="${path}" fill="#fff"/></svg>`;
  const { data, info } = await sharp(Buffer.from(svg))
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const matte = new Uint8Array(info.width * info.height);
  for (let p = 0; p < matte.length; p++) matte[p] = data[p * 4 + 3];
  return logoOfPixels({
    name: `text ${JSON.stringify(text)}`,
    sha256: createHash('sha256').update(text, 'utf8').digest('hex'),
    width: info.width,
    height: info.height,
    matte,
    ink: new Uint8Array(matte.length * 3).fill(255),
    opacityRule: 'scaled',
  });
}

/** Glyphs side by side by their advance widths: the layout engine of opentype.js lacks a substitution that Inter asks for. */
function outlineOf(font: opentype.Font, text: string): opentype.Path {
  const outline = new opentype.Path();
  let x = 0;
  for (const character of text) {
    const glyph = font.charToGlyph(character);
    outline.extend(glyph.getPath(x, 0, EM));
    x += ((glyph.advanceWidth ?? 0) * EM) / font.unitsPerEm;
  }
  return outline;
}

function loadFont(): opentype.Font {
  const file = createRequire(import.meta.url).resolve('@fontsource/inter/files/inter-latin-700-normal.woff');
  const bytes = readFileSync(file);
  return opentype.parse(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}
