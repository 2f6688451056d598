import { posix } from 'node:path';

export type OutputFormat = 'png' | 'tiff' | 'webp';

/** The three files made of one image, relative to the output folder, `/` between folders (docs/formats.md). */
export interface OutputNames {
  readonly image: string;
  readonly certificate: string;
  readonly residual: string;
}

const extensions: Readonly<Record<OutputFormat, string>> = { png: '.png', tiff: '.tif', webp: '.webp' };

/**
 * Output names of a whole source tree. `a.jpg` becomes `a.png`; sources of one folder that would share a name, such as `a.jpg` and
 * `a.png` (letter case ignored, for file systems that ignore it), all keep their own extension too: `a.jpg.png` and `a.png.png`.
 *
 * @param paths every source path of the tree, sorted; shards pass the whole tree too, so that they agree
 */
export function outputNames(paths: readonly string[], format: OutputFormat): Map<string, OutputNames> {
  const extension = extensions[format];
  const wanted = paths.map((path) => withoutExtension(path));
  const shared = countBy(wanted.map(fold));
  const longer = paths.map((path, index) =>
    (shared.get(fold(wanted[index] ?? '')) ?? 0) > 1 ? path : (wanted[index] ?? path),
  );
  const taken = new Set<string>();
  const names = new Map<string, OutputNames>();
  // Names that did not need lengthening go first, so that a lengthened one never pushes another aside.
  const order = paths
    .map((_, index) => index)
    .sort((a, b) => Number(longer[a] === paths[a]) - Number(longer[b] === paths[b]) || a - b);
  for (const index of order) {
    const path = paths[index] ?? '';
    let stem = longer[index] ?? path;
    for (let number = 2; taken.has(fold(stem)); number++) stem = `${longer[index]}-${number}`;
    taken.add(fold(stem));
    names.set(path, namesOf(`${stem}${extension}`));
  }
  return names;
}

/** Names of an image's certificate and residual beside it. */
export function namesOf(image: string): OutputNames {
  return { image, certificate: `${image}.certificate.json`, residual: `${image}.mlr` };
}

function withoutExtension(path: string): string {
  const extension = posix.extname(path);
  return extension === '' ? path : path.slice(0, -extension.length);
}

function fold(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

function countBy(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
