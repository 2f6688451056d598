import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { Failure } from '../../shared/failure.ts';

/** Where a job reads and writes, as real paths (symlinks resolved). */
export interface JobPaths {
  /** Folder the relative paths count from. */
  readonly source: string;
  /** Set when a single file was named instead of a folder. */
  readonly onlyFile: string | undefined;
  readonly out: string;
}

/**
 * Resolves source and output and makes sure that nothing can be written into the source.
 * @throws Failure usage when the source does not exist, or one of the two lies inside the other
 */
export async function resolveJobPaths(source: string, out: string): Promise<JobPaths> {
  const realSource = await realpath(source).catch((error: unknown) => {
    throw new Failure('usage', `${source} cannot be opened: ${reasonOf(error)}`, {
      subject: source,
      hint: 'Name the folder that holds the images.',
      cause: error,
    });
  });
  const isFolder = (await stat(realSource)).isDirectory();
  const folder = isFolder ? realSource : dirname(realSource);
  const realOut = await realPathOfPlanned(out);
  if (isInside(realOut, folder)) {
    throw new Failure('usage', `--out ${out} lies in the source folder`, {
      subject: '--out',
      hint: 'MedLocker never writes into the source. Choose a folder outside it.',
    });
  }
  if (isInside(folder, realOut)) {
    throw new Failure('usage', `the source ${source} lies in --out ${out}`, {
      subject: '--out',
      hint: 'MedLocker never writes beside the source. Choose another folder.',
    });
  }
  return { source: folder, onlyFile: isFolder ? undefined : basename(realSource), out: realOut };
}

/** Whether `path` is `folder` or lies in it; both real and absolute. */
export function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return (
    way === '' ||
    (way !== '..' && !way.startsWith(`..${sep}`) && resolve(folder, way) === path && !/^[a-z]:/i.test(way))
  );
}

/** The real path a file or folder will have once it is made: real path of the nearest existing ancestor, then the rest. */
export async function realPathOfPlanned(path: string): Promise<string> {
  const absolute = resolve(path);
  try {
    return await realpath(absolute);
  } catch (error) {
    const parent = dirname(absolute);
    if (parent === absolute) throw error;
    return join(await realPathOfPlanned(parent), basename(absolute));
  }
}

function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return 'it does not exist';
  if (code === 'EACCES') return 'permission denied';
  if (code === 'ELOOP') return 'its symbolic links go round in a circle';
  return error instanceof Error ? error.message : String(error);
}
