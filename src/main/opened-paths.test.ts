import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openedPaths } from './opened-paths.ts';

describe('openedPaths', () => {
  const cwd = resolve('/clinic');

  it('takes folders of the packaged program, switches left out', () => {
    expect(openedPaths(['medlocker', '--no-sandbox', 'eyes', '--x=1'], cwd, false)).toEqual([
      join(cwd, 'eyes'),
    ]);
  });

  it('passes over the folder that Electron runs in development', () => {
    expect(openedPaths(['electron', '--inspect', '.', 'eyes'], cwd, true)).toEqual([join(cwd, 'eyes')]);
    expect(openedPaths(['electron', '.'], cwd, true)).toEqual([]);
  });
});
