import { readdir } from 'node:fs/promises';
import { basename, extname, join, posix, relative, sep } from 'node:path';

import { mismatch } from './annotation-file.ts';
import { isKnownClass } from './classes.ts';

/** Where the annotation files of each image are. */
export interface FolderIndex {
  /** Number of mask and VOC files. */
  readonly count: number;
  readonly tables: { readonly json: readonly string[]; readonly csv: readonly string[] };
  /** Masks of an image, sorted; the class is null for a mask that bears just the image's name. */
  readonly masksOf: (
    imagePath: string,
  ) => readonly { readonly path: string; readonly className: string | null }[];
  readonly vocOf: (imagePath: string) => readonly string[];
}

interface IndexedFile {
  readonly path: string;
  /** Folder relative to the annotations' root, `/`-separated, '' for the root. */
  readonly folder: string;
  /** What follows the image's name and an underscore; '' when nothing does. */
  readonly rest: string;
}

/**
 * Lists a folder with its subfolders (links to folders are not followed, hidden files passed over), or a single file.
 * An image `a/b.jpg` owns `b.png`, `b_CLASS.png` and `b.xml`: those in a folder that mirrors `a` where there are any,
 * else those anywhere, which is how sets with one folder a class and flat sets are laid out.
 */
export async function indexFolder(path: string, isFolder: boolean): Promise<FolderIndex> {
  const files = isFolder ? await listFiles(path) : [path];
  const root = isFolder ? path : join(path, '..');
  const masks = new Map<string, IndexedFile[]>();
  const xml = new Map<string, IndexedFile[]>();
  const json: string[] = [];
  const csv: string[] = [];
  let count = 0;
  for (const file of files) {
    const extension = extname(file);
    const stem = basename(file, extension);
    const folder = relative(root, join(file, '..')).split(sep).join('/');
    const kind = extension.toLowerCase();
    if (kind === '.json') json.push(file);
    else if (kind === '.csv') csv.push(file);
    else if (kind === '.xml') append(xml, stem, { path: file, folder, rest: '' });
    else if (kind === '.png') {
      for (const [owner, rest] of splits(stem)) append(masks, owner, { path: file, folder, rest });
    }
    if (kind === '.xml' || kind === '.png') count++;
  }
  return {
    count,
    tables: { json, csv },
    masksOf: (imagePath) =>
      nearest(masks, imagePath).flatMap(({ path: file, rest }) => {
        const className = classOf(rest, `${stemOf(imagePath)}_${rest}`, masks);
        return className === undefined ? [] : [{ path: file, className }];
      }),
    vocOf: (imagePath) => nearest(xml, imagePath).map((file) => file.path),
  };
}

async function listFiles(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Ways to read "image_CLASS": every underscore may be the border. */
function splits(stem: string): [owner: string, rest: string][] {
  const ways: [string, string][] = [[stem, '']];
  for (let at = stem.indexOf('_', 1); at > 0 && at < stem.length - 1; at = stem.indexOf('_', at + 1)) {
    ways.push([stem.slice(0, at), stem.slice(at + 1)]);
  }
  return ways;
}

/**
 * Class of a mask from what follows the image's name: null for nothing, undefined when the file rather belongs to an
 * image with a longer name (`10_left_EX` is no mask of `10`).
 */
function classOf(
  rest: string,
  longer: string,
  masks: ReadonlyMap<string, readonly IndexedFile[]>,
): string | null | undefined {
  if (rest === '') return null;
  if (isKnownClass(rest)) return rest;
  const [first, ...more] = rest.split('_');
  if (isKnownClass(first)) return first;
  const ownsMasks = masks.get(longer)?.some((file) => file.rest !== '') ?? false;
  return more.length === 0 && !ownsMasks ? rest : undefined;
}

function nearest(
  files: ReadonlyMap<string, readonly IndexedFile[]>,
  imagePath: string,
): readonly IndexedFile[] {
  const all = files.get(stemOf(imagePath)) ?? [];
  const folder = posix.dirname(imagePath);
  const mirrored = folder === '.' ? [] : all.filter((file) => mirrors(file.folder, folder));
  const chosen = mirrored.length > 0 ? mirrored : all;
  const names = chosen.map((file) => basename(file.path));
  const twice = names.findIndex((name, index) => names.indexOf(name) !== index);
  if (twice >= 0) {
    throw mismatch(
      chosen[twice].path,
      `several folders hold a file of this name, so it is unclear which belongs to ${imagePath}`,
      'arrange the annotations in the same folders as the images',
    );
  }
  return chosen;
}

/** `a` is mirrored by `a`, `a/EX` (classes within) and `EX/a` (classes without). */
function mirrors(annotationFolder: string, imageFolder: string): boolean {
  return `/${annotationFolder}/`.includes(`/${imageFolder}/`);
}

function stemOf(imagePath: string): string {
  return posix.basename(imagePath, posix.extname(imagePath));
}

function append(map: Map<string, IndexedFile[]>, key: string, file: IndexedFile): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [file]);
  else list.push(file);
}
