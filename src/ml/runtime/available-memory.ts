import { readFileSync } from 'node:fs';
import { freemem, totalmem } from 'node:os';
import { join } from 'node:path';
import { runningTensorFlow } from './tensorflow.ts';

/**
 * Bytes this process may still take before the system, or its container, stops it; the cache of files counts as free.
 * Infinite where that is not known: outside Linux caches count as used, and a GPU's memory says itself when it is short.
 */
export function availableMemory(): number {
  if (process.platform !== 'linux' || runningTensorFlow()?.device === 'GPU') return Infinity;
  const limit = process.constrainedMemory();
  // Without a limit some systems report one that no machine has.
  if (limit === 0 || limit >= totalmem()) return freemem();
  return Math.min(freemem(), process.availableMemory() + cachedFiles());
}

/** What a control group holds of files: taken away from it before anything is refused. */
function cachedFiles(): number {
  for (const path of statFiles()) {
    try {
      const text = readFileSync(path, 'utf8');
      const of = (name: string): number =>
        Number(new RegExp(`^(?:total_)?${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
      return of('inactive_file') + of('active_file');
    } catch {
      // The next way in which the groups may be mounted.
    }
  }
  return 0;
}

function statFiles(): string[] {
  const root = '/sys/fs/cgroup';
  const lines = readFileSync('/proc/self/cgroup', 'utf8').split('\n');
  const path = (pattern: RegExp): string =>
    lines.flatMap((line) => pattern.exec(line)?.[1] ?? []).at(0) ?? '';
  const first = path(/^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/);
  const second = path(/^0::(.*)$/);
  return [
    join(root, 'memory', first, 'memory.stat'),
    join(root, 'memory', 'memory.stat'),
    join(root, second, 'memory.stat'),
    join(root, 'memory.stat'),
  ];
}
