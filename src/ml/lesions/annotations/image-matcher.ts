import { posix } from 'node:path';

import { mismatch } from './annotation-file.ts';

/**
 * Finds an image's entry among entries named by a path: the same relative path first, else the same file name, if only
 * one entry has it. The finder returns null for an image without an entry and throws Failure `annotation-mismatch` when
 * several fit. Backslashes count as separators.
 */
export function imageMatcher<Entry>(
  path: string,
  entries: readonly (readonly [name: string, entry: Entry])[],
): (imagePath: string) => Entry | null {
  const byPath = Map.groupBy(entries, ([name]) => normal(name));
  const byName = Map.groupBy(entries, ([name]) => posix.basename(normal(name)));
  return (imagePath) => {
    const wanted = normal(imagePath);
    const found = byPath.get(wanted) ?? byName.get(posix.basename(wanted)) ?? [];
    if (found.length > 1) {
      throw mismatch(
        path,
        `${found.length} entries fit the image ${imagePath}`,
        'name the images by their path relative to the image folder',
      );
    }
    return found.length === 0 ? null : found[0][1];
  };
}

function normal(name: string): string {
  return posix.normalize(name.replaceAll('\\', '/')).replace(/^(\.\/|\/)+/, '');
}
