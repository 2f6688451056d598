import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const folder = fileURLToPath(new URL('../../../assets/backbones', import.meta.url));

const cardSchema = z.object({
  name: z.string(),
  architecture: z.string(),
  ancestry: z.string(),
  licence: z.string(),
  credit: z.string(),
});

/** A pretrained trunk that comes with the program, for `train --init NAME`. */
export interface BundledBackbone extends z.infer<typeof cardSchema> {
  /** Its model.json. */
  readonly path: string;
}

/** The backbones that come with the program, by name; none where the assets were left out. */
export async function bundledBackbones(): Promise<readonly BundledBackbone[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const names = entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
  return Promise.all(
    names.map(async (name) => {
      const card = cardSchema.parse(JSON.parse(await readFile(join(folder, name, 'card.json'), 'utf8')));
      return { ...card, path: join(folder, name, 'model.json') };
    }),
  );
}
