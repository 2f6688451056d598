import fc from 'fast-check';
import { expect, it } from 'vitest';
import { chosenSettings } from './chosen-settings.ts';
import { presetSettings } from './presets.ts';
import { presets, protectSettings } from './settings.ts';

it.each(presets)('%s without a choice is the preset itself', (preset) => {
  expect(chosenSettings({ preset, seed: 5 })).toEqual({ preset, seed: 5, ...presetSettings(preset) });
});

it('keeps the lower bounds below what was chosen', () => {
  const { mark } = chosenSettings({ preset: 'published', seed: 1, size: 0.05, opacity: 0.2 });
  expect(mark).toMatchObject({ size: 0.05, minimumSize: 0.05, opacity: 0.2, minimumOpacity: 0.2 });
});

it('leaves the texture out of the search where there is none, and searches it where it was asked for', () => {
  expect(chosenSettings({ preset: 'balanced', seed: 1, texture: 0 }).search.textureSteps).toBe(0);
  expect(chosenSettings({ preset: 'published', seed: 1, texture: 0.2 }).search.textureSteps).toBe(24);
});

it('gives settings that the engine takes, for every choice in range', () => {
  const choice = fc.record(
    {
      preset: fc.constantFrom(...presets),
      seed: fc.nat(),
      text: fc.constant('MINE'),
      marks: fc.integer({ min: 1, max: 24 }),
      size: fc.double({ min: 0.02, max: 1, noNaN: true }),
      opacity: fc.double({ min: 0, max: 1, noNaN: true }),
      minPsnr: fc.constantFrom(0, 10, 28, 60),
      rotation: fc.integer({ min: -180, max: 180 }),
      texture: fc.double({ min: 0, max: 0.5, noNaN: true }),
      budget: fc.integer({ min: 1, max: 1000 }),
    },
    { requiredKeys: ['preset', 'seed'] },
  );
  fc.assert(
    fc.property(choice, (chosen) => {
      expect(protectSettings.safeParse(chosenSettings(chosen)).error).toBeUndefined();
    }),
  );
});
