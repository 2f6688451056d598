import { beforeEach, expect, it } from 'vitest';
import { protectChoiceSchema, type SourceScan } from '../../../shared/contract/jobs.ts';
import type { ListedGrader } from '../../../shared/contract/graders.ts';
import { settingsFileSchema } from '../../../shared/settings-file.ts';
import { FakeBridge } from '../../state/fake-bridge.ts';
import { graders } from '../../state/graders.svelte.ts';
import { ProtectSetup } from './protect-setup.svelte.ts';

const handle = (digit: string, kind: 'file' | 'folder' = 'folder') => ({
  id: digit.repeat(32),
  kind,
  name: digit,
  shown: `/${digit}`,
});
const scan: SourceScan = {
  source: handle('1'),
  images: [{ path: 'a.png', bytes: 10 }],
  skipped: [],
  suggestedOut: handle('2'),
  labels: null,
  annotations: null,
  resumable: null,
};
const grader = (name: string, some: Partial<ListedGrader> = {}): ListedGrader => ({
  id: `bundled:${name}`,
  name,
  source: 'bundled',
  usable: true,
  kind: 'onnx',
  inputWidth: 128,
  inputHeight: 128,
  classes: 5,
  sha256: null,
  reason: 'CPU',
  metrics: [],
  ...some,
});

beforeEach(() => {
  FakeBridge.install({
    'source.scan': async ({ source }) => ({ ...scan, source: handle(source[0] ?? '1') }),
  });
  graders.list = [grader('demo-a'), grader('demo-victim'), grader('broken', { usable: false })];
});

it('offers a choice that the contract takes as soon as a folder is open', async () => {
  const setup = new ProtectSetup();
  expect(setup.choice).toBeNull();
  await setup.open(handle('1'));
  expect(protectChoiceSchema.safeParse(setup.choice).error).toBeUndefined();
  expect(setup.choice).toMatchObject({
    surrogates: ['bundled:demo-a'],
    victims: ['bundled:demo-victim'],
    logo: { kind: 'bundled' },
    rights: null,
  });
});

it('says what is missing', async () => {
  const setup = new ProtectSetup();
  expect(setup.missing).toBe('source');
  await setup.open(handle('1'));
  setup.markSource = 'file';
  expect(setup.missing).toBe('logo');
  setup.markSource = 'bundled';
  setup.roles.choose('bundled:demo-a', 'victim');
  expect(setup.missing).toBe('surrogate');
  expect(setup.choice).toBeNull();
});

it('takes an override back when the control returns to what the preset says', async () => {
  const setup = new ProtectSetup();
  const before = setup.settings;
  setup.override('opacity', 0.9, before.mark.opacity);
  expect(setup.settings.mark.opacity).toBe(0.9);
  expect(setup.isChanged).toBe(true);
  setup.override('opacity', before.mark.opacity, before.mark.opacity);
  expect(setup.isChanged).toBe(false);
  expect(setup.settings).toEqual(before);
});

it('drops the overrides with another preset: what is shown is that preset', () => {
  const setup = new ProtectSetup();
  setup.override('marks', 3, 7);
  setup.choosePreset('published');
  expect(setup.isChanged).toBe(false);
  expect(setup.settings).toMatchObject({ preset: 'published', mark: { count: 1, kind: 'logo' } });
});

it('needs no logo for a text mark and never sends an empty text', async () => {
  const setup = new ProtectSetup();
  await setup.open(handle('1'));
  setup.markSource = 'text';
  setup.text = '   ';
  expect(setup.choice).toMatchObject({
    logo: { kind: 'none' },
    settings: { mark: { kind: 'text', text: 'PROTECTED' } },
  });
});

it('measures through the pipelines that are named, else through the usual ones', async () => {
  const setup = new ProtectSetup();
  await setup.open(handle('1'));
  const usual = setup.choice?.verifyPipelines;
  setup.pipelines = ' direct ,jpeg:50,, ';
  expect(setup.choice?.verifyPipelines).toEqual(['direct', 'jpeg:50']);
  setup.pipelines = ' ';
  expect(setup.choice?.verifyPipelines).toEqual(usual);
});

it('gives back from a file what was kept in it', () => {
  const setup = new ProtectSetup();
  setup.choosePreset('published');
  setup.override('opacity', 0.5, 0.7);
  setup.markSource = 'text';
  setup.text = 'CLINIC';
  setup.zoneSource = 'union';
  setup.rights = 'All rights reserved';
  const file = settingsFileSchema.parse(JSON.parse(JSON.stringify(setup.kept('mine'))));
  const other = new ProtectSetup();
  other.takeKept(file);
  expect(other.settings).toEqual(setup.settings);
  expect(other.settings.mark).toMatchObject({ kind: 'text', text: 'CLINIC', opacity: 0.5 });
  expect(other.kept('mine')).toEqual(setup.kept('mine'));
});

it('gets new handles from an engine that was started again, and keeps what a person chose', async () => {
  let start = 'a';
  FakeBridge.install({
    'source.samples': async () => ({
      source: handle('1'),
      labels: handle(start, 'file'),
      annotations: handle(start, 'file'),
    }),
    'source.scan': async ({ source }) => ({ ...scan, source: handle(source[0] ?? '1') }),
  });
  const setup = new ProtectSetup();
  await setup.openSamples();
  setup.annotations = handle('9', 'file');
  start = 'b';
  await setup.renew();
  expect(setup.labels).toEqual(handle('b', 'file'));
  expect(setup.annotations).toEqual(handle('9', 'file'));
});

it('keeps the folder opened last, whichever is read first', async () => {
  const waiting: (() => void)[] = [];
  FakeBridge.install({
    'source.scan': ({ source }) =>
      new Promise((resolve) => waiting.push(() => resolve({ ...scan, source: handle(source[0] ?? '') }))),
  });
  const setup = new ProtectSetup();
  const opened = [setup.open(handle('3')), setup.open(handle('4'))];
  waiting[1]?.();
  waiting[0]?.();
  expect(await Promise.all(opened)).toEqual([false, true]);
  expect(setup.scan?.source.id).toBe('4'.repeat(32));
});
