import { describe, expect, it } from 'vitest';
import { reasonOfEnd, theEngine } from './end-of-process.ts';

describe('reasonOfEnd', () => {
  it.each([
    [
      'memory',
      reasonOfEnd(theEngine, 134, null, 'FATAL ERROR: Reached heap limit: JavaScript heap out of memory'),
    ],
    [
      'libtensorflow.so.2',
      reasonOfEnd(theEngine, 1, null, 'libtensorflow.so.2: cannot open shared object file'),
    ],
    ['sharp', reasonOfEnd(theEngine, 1, null, "Error: Cannot find package 'sharp' imported from host.ts")],
    ['Node is missing', reasonOfEnd(theEngine, null, null, 'spawn node ENOENT')],
    ['by the system', reasonOfEnd(theEngine, null, 'SIGKILL', '')],
    ['native part', reasonOfEnd(theEngine, null, 'SIGSEGV', '')],
    ['code 3', reasonOfEnd(theEngine, 3, null, '')],
  ])('names %s and a next step', (word, { reason, hint }) => {
    expect(reason).toContain(word);
    expect(hint).not.toBe('');
  });
});
