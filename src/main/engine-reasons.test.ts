import { describe, expect, it } from 'vitest';
import { reasonOfEnd } from './engine-reasons.ts';

describe('reasonOfEnd', () => {
  it.each([
    ['memory', reasonOfEnd(134, null, 'FATAL ERROR: Reached heap limit: JavaScript heap out of memory')],
    ['libtensorflow.so.2', reasonOfEnd(1, null, 'libtensorflow.so.2: cannot open shared object file')],
    ['sharp', reasonOfEnd(1, null, "Error: Cannot find package 'sharp' imported from host.ts")],
    ['Node is missing', reasonOfEnd(null, null, 'spawn node ENOENT')],
    ['by the system', reasonOfEnd(null, 'SIGKILL', '')],
    ['native part', reasonOfEnd(null, 'SIGSEGV', '')],
    ['code 3', reasonOfEnd(3, null, '')],
  ])('names %s and a next step', (word, { reason, hint }) => {
    expect(reason).toContain(word);
    expect(hint).not.toBe('');
  });
});
