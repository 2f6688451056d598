import { describe, expect, it } from 'vitest';
import { openBackbone } from '../../ml/models/backbones/open-backbone.ts';
import { bundledBackbones } from './bundled-backbones.ts';

describe('bundledBackbones', () => {
  it('lists each backbone with a licence, a credit and a file that opens', async () => {
    const backbones = await bundledBackbones();
    expect(backbones.map(({ name }) => name)).toContain('mobilenetv2-nsfwjs');
    for (const { licence, credit, path } of backbones) {
      expect(licence).toBe('MIT');
      expect(credit).not.toBe('');
      const grader = await openBackbone(path, { inputSize: 96, classes: 5, seed: 3 });
      expect(grader.outputs[0]?.shape).toEqual([null, 5]);
      grader.dispose();
    }
  });
});
