import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { bitFlipped, claimingSize, makePipe, randomBytes, truncated } from './damage.ts';

/** Writes files none of which can serve as a logo; returns their paths. */
export async function writeLogoCorpus(folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const drawing = sharp(Buffer.from(svg('<circle cx="32" cy="32" r="20" fill="teal"/>')));
  const png = await drawing.clone().png().toBuffer();
  const jpeg = await drawing.clone().flatten({ background: 'white' }).jpeg().toBuffer();
  const webp = await drawing.clone().webp({ lossless: true }).toBuffer();
  const flat = (alpha: number) =>
    sharp({ create: { width: 16, height: 16, channels: 4, background: { r: 0, g: 0, b: 0, alpha } } })
      .png()
      .toBuffer();
  const files = new Map<string, Uint8Array | string>([
    ['empty.png', ''],
    ['noise.png', randomBytes(900, 31)],
    ['text.png', 'no logo'],
    ['page.svg', '<!DOCTYPE html><html></html>'],
    ['paper.pdf', '%PDF-1.7\n%%EOF\n'],
    ['invisible.png', await flat(0)],
    [
      'black.png',
      await sharp(await flat(1))
        .removeAlpha()
        .png()
        .toBuffer(),
    ],
    ['vast.png', claimingSize(png, 300_000, 300_000)],
    ['empty-drawing.svg', svg('')],
    ['cut.svg', svg('<rect width="9" height="9"/>').slice(0, -20)],
    [
      'vast.svg',
      '<svg xmlns="http://www.w3.org/2000/svg" width="900000000" height="900000000"><rect/></svg>',
    ],
    ['entities.svg', entityBomb()],
    ['reads-a-file.svg', svg('<image href="file:///etc/hostname" width="64" height="64"/>')],
  ]);
  truncated(png, 6, 32).forEach((cut, index) => files.set(`cut-${index}.png`, cut));
  truncated(jpeg, 4, 33).forEach((cut, index) => files.set(`cut-${index}.jpg`, cut));
  truncated(webp, 3, 34).forEach((cut, index) => files.set(`cut-${index}.webp`, cut));
  bitFlipped(png, 4, 35, 0, 29).forEach((copy, index) => files.set(`flipped-${index}.png`, copy));
  for (const [name, content] of files) await writeFile(join(folder, name), content);
  const names = [...files.keys(), 'missing.png', 'a-folder.png', 'oversized.png'];
  await mkdir(join(folder, 'a-folder.png'));
  await writeFile(join(folder, 'oversized.png'), png);
  await truncate(join(folder, 'oversized.png'), 40 * 2 ** 20);
  if (process.platform !== 'win32') {
    makePipe(join(folder, 'pipe.png'));
    names.push('pipe.png');
  }
  return names.map((name) => join(folder, name));
}

function svg(content: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64">${content}</svg>`;
}

/** Ten levels of ten: ten thousand million letters once resolved. */
function entityBomb(): string {
  const levels = Array.from(
    { length: 10 },
    (_, level) => `<!ENTITY e${level + 1} "${`&e${level};`.repeat(10)}">`,
  );
  return `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY e0 "x">${levels.join('')}]>${svg('<text>&e10;</text>')}`;
}
