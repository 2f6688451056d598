import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bitFlipped, makePipe, truncated } from './damage.ts';

/** One kind of damage to one file of a protected set. */
export interface SetDamage {
  readonly name: string;
  /** The image concerned; null for the manifest, which concerns them all. */
  readonly image: string | null;
  /** Damages the copy of the set that lies in the folder. */
  apply(folder: string): Promise<void>;
}

const image = 'a.png';
const manifest = 'medlocker-set.json';

/** Every damage of the corpus to the sample set in `genuine`, which stays as it is. */
export async function setDamages(genuine: string): Promise<SetDamage[]> {
  const damages: SetDamage[] = [];
  for (const [index, file] of [`${image}.certificate.json`, `${image}.mlr`, image, manifest].entries()) {
    const concerned = file === manifest ? null : image;
    const bytes = await readFile(join(genuine, file));
    const add = (how: string, apply: (path: string) => Promise<void>) =>
      damages.push({
        name: `${file} ${how}`,
        image: concerned,
        apply: (folder) => apply(join(folder, file)),
      });
    const replace = (how: string, content: Uint8Array | string) =>
      add(how, (path) => writeFile(path, content));
    truncated(bytes, 5, 60 + index, 0.99).forEach((cut) => replace(`cut to ${cut.length} bytes`, cut));
    const flips = bitFlipped(bytes, 6, 70 + index, 0, file === image ? bytes.length - 12 : bytes.length);
    flips.forEach((copy, number) => replace(`with flipped bit ${number}`, copy));
    replace('emptied', '');
    replace('as text', 'no longer what it was\n');
    replace('as other JSON', '{"__proto__":{"format":"medlocker-certificate/1"},"body":null}\n');
    replace('nested deeply', '['.repeat(200_000));
    replace('grown by a byte', file === image ? 'x' : Buffer.concat([bytes, Buffer.from(' ')]));
    add('as a folder', async (path) => {
      await rm(path);
      await mkdir(path);
    });
    if (process.platform !== 'win32') {
      add('as a pipe', async (path) => {
        await rm(path);
        makePipe(path);
      });
    }
    if (file === manifest) continue;
    add('deleted', (path) => rm(path));
    const other = await readFile(join(genuine, file.replace(image, 'b.png')));
    replace('swapped with that of another image', other);
  }
  replaceAllDigits(damages, await readFile(join(genuine, manifest), 'utf8'));
  return damages;
}

/** A manifest that was edited consistently: canonical, but not what was signed. */
function replaceAllDigits(damages: SetDamage[], text: string): void {
  damages.push({
    name: 'manifest with another image count',
    image: null,
    apply: (folder) => writeFile(join(folder, manifest), text.replace('"protected":2', '"protected":3')),
  });
}
