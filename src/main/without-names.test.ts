import { describe, expect, it } from 'vitest';
import { withoutNames } from './without-names.ts';

describe('withoutNames', () => {
  it.each([
    ['cannot write /home/ada/Patients/miller/left.png: the disk is full', 'miller'],
    ['C:\\Users\\ada\\Patients\\miller\\left.tif is gone', 'miller'],
    ['file:///data/miller.png', 'miller'],
    ['miller-1961.JPG: no retina', 'miller'],
    ['"/data/miller"', 'miller'],
  ])('leaves no name in %s', (text, name) => {
    expect(withoutNames(text)).not.toContain(name);
  });

  it('leaves words, figures and versions', () => {
    const text = 'engine ended {"code":137,"signal":null} Electron 45.4.1';
    expect(withoutNames(text)).toBe(text);
  });
});
