import { open, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export interface Companions {
  readonly labels: string | null;
  readonly annotations: string | null;
}

/**
 * Files in or beside an image folder that look like labels (a CSV whose first line names a grade) or lesion annotations
 * (`annotations`, `masks` or `lesions` as a folder, a JSON or a CSV of boxes). Only offered: a person decides.
 */
export async function companionsOf(folder: string): Promise<Companions> {
  let found: Companions = { labels: null, annotations: null };
  for (const place of [folder, dirname(folder)]) {
    const entries = (await readdir(place, { withFileTypes: true }).catch(() => [])).sort((a, b) =>
      a.name.localeCompare(b.name),
    );
    for (const entry of entries) {
      const path = join(place, entry.name);
      if (path === folder) continue;
      const isAnnotations = annotationName.test(entry.name.replace(/\.(json|csv)$/i, ''));
      const isFile = entry.isFile() && /\.(json|csv)$/i.test(entry.name);
      if (found.annotations === null && isAnnotations && (entry.isDirectory() || isFile))
        found = { ...found, annotations: path };
      else if (found.labels === null && entry.isFile() && (await looksLikeLabels(path)))
        found = { ...found, labels: path };
    }
  }
  return found;
}

const annotationName = /^(annotations?|masks?|lesions?|ground[-_ ]?truths?)$/i;

async function looksLikeLabels(path: string): Promise<boolean> {
  if (!/\.csv$/i.test(path)) return false;
  const file = await open(path, 'r').catch(() => null);
  if (file === null) return false;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0);
    const header = buffer.toString('utf8', 0, bytesRead).split(/\r?\n/, 1)[0].toLowerCase();
    const columns = header.split(/[,;\t]/).map((name) => name.trim().replace(/^"|"$/g, ''));
    return columns.includes('grade') && columns.includes('file');
  } finally {
    await file.close();
  }
}
