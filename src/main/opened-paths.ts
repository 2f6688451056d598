import { resolve } from 'node:path';

/**
 * Files and folders named on a command line of the program, absolute: what is no switch, after the program itself and, in development,
 * after the folder that Electron was told to run.
 */
export function openedPaths(argv: readonly string[], cwd: string, isDevelopment: boolean): string[] {
  const named = argv.slice(1).filter((argument) => !argument.startsWith('-'));
  return named.slice(isDevelopment ? 1 : 0).map((path) => resolve(cwd, path));
}
