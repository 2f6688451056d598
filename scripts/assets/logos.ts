import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';

const SIDE = 512;

/** Writes assets/logos: the project's own mark as SVG and as PNG, white on transparency. */
export async function makeLogos(folder: string): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  const svg = Buffer.from(logoDrawing());
  const png = await sharp(svg).resize(SIDE, SIDE).png({ compressionLevel: 9 }).toBuffer();
  await writeFile(join(folder, 'medlocker.svg'), svg);
  await writeFile(join(folder, 'medlocker.png'), png);
  return ['medlocker.svg', 'medlocker.png'];
}

/** A ring around a padlock with a medical cross, and the name. Letters are strokes, so that no font decides their shape. */
export function logoDrawing(): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIDE} ${SIDE}" width="${SIDE}" height="${SIDE}">
  <title>MedLocker</title>
  <g fill="none" stroke="#fff">
    <circle cx="256" cy="256" r="238" stroke-width="30"/>
    <path d="M198 196v-34a58 58 0 0 1 116 0v34" stroke-width="26"/>
    <path d="${lettering('MEDLOCKER', 86, 348, 26, 46, 12)}" stroke-width="11" stroke-linecap="round" stroke-linejoin="round"/>
  </g>
  <path fill="#fff" fill-rule="evenodd" d="M176 192h160a16 16 0 0 1 16 16v96a16 16 0 0 1-16 16H176a16 16 0 0 1-16-16v-96a16 16 0 0 1 16-16ZM243 212v31h-31v26h31v31h26v-31h31v-26h-31v-31Z"/>
</svg>
`;
}

/** Each letter as pen strokes over a box of width 1 and height 1, from its top left corner. */
const LETTERS: Readonly<Record<string, readonly (readonly (readonly [number, number])[])[]>> = {
  M: [[[0, 1], [0, 0], [0.5, 0.6], [1, 0], [1, 1]]],
  E: [[[1, 0], [0, 0], [0, 1], [1, 1]], [[0, 0.5], [0.8, 0.5]]],
  D: [[[0, 0], [0.6, 0], [1, 0.3], [1, 0.7], [0.6, 1], [0, 1], [0, 0]]],
  L: [[[0, 0], [0, 1], [1, 1]]],
  O: [[[0.3, 0], [0.7, 0], [1, 0.3], [1, 0.7], [0.7, 1], [0.3, 1], [0, 0.7], [0, 0.3], [0.3, 0]]],
  C: [[[1, 0.2], [0.7, 0], [0.3, 0], [0, 0.3], [0, 0.7], [0.3, 1], [0.7, 1], [1, 0.8]]],
  K: [[[0, 0], [0, 1]], [[1, 0], [0, 0.55]], [[0.35, 0.4], [1, 1]]],
  R: [[[0, 1], [0, 0], [0.7, 0], [1, 0.15], [1, 0.4], [0.7, 0.55], [0, 0.55]], [[0.5, 0.55], [1, 1]]],
};

function lettering(text: string, left: number, top: number, width: number, height: number, gap: number): string {
  return Array.from(text, (letter, place) =>
    LETTERS[letter]
      .map((stroke) =>
        stroke
          .map(([x, y], i) => {
            const across = Math.round((left + place * (width + gap) + x * width) * 10) / 10;
            return `${i === 0 ? 'M' : 'L'}${across} ${Math.round((top + y * height) * 10) / 10}`;
          })
          .join(''),
      )
      .join(''),
  ).join('');
}
