import type { ProtectChoice } from '../../src/shared/contract/jobs.ts';
import { presetSettings } from '../../src/shared/presets.ts';
import type { Application } from './application.ts';
import { asker } from './ask-page.ts';
import { answerDialogs } from './dialogs.ts';

/** What a person finds at the first start, before a folder is opened; one bundled grader. */
const firstStart: Omit<ProtectChoice, 'source'> = {
  out: null,
  settings: { preset: 'balanced', seed: 1, ...presetSettings('balanced') },
  logo: { kind: 'bundled' },
  surrogates: ['bundled:demo-resnet.onnx'],
  victims: [],
  verifyPipelines: ['direct', 'jpeg:75'],
  labels: null,
  annotations: null,
  zoneSource: 'auto',
  allowUnannotated: false,
  dilation: null,
  landmarks: true,
  format: 'png',
  stripMetadata: false,
  rights: null,
  limit: null,
};

/** The published preset with a search that is through in seconds. */
export const quickSettings: ProtectChoice['settings'] = (() => {
  const { mark, search } = presetSettings('published');
  return { preset: 'published', seed: 1, mark, search: { ...search, budget: 20 } };
})();

/** The sample set with its labels and annotations. */
export async function sampleChoice(
  { page }: Pick<Application, 'page'>,
  some: Partial<ProtectChoice> = {},
): Promise<ProtectChoice> {
  const { source, labels, annotations } = await asker(page)('source.samples', {});
  return { ...firstStart, source: source.id, labels: labels.id, annotations: annotations.id, ...some };
}

/** A folder, chosen by the dialog. */
export async function folderChoice(
  app: Application,
  images: string,
  some: Partial<ProtectChoice> = {},
): Promise<ProtectChoice> {
  await answerDialogs(app, images);
  const source = await asker(app.page)('paths.pickFolder', { purpose: 'source' });
  return { ...firstStart, source: source?.id ?? '', ...some };
}

/** A job that is through in seconds: a small budget, the Grad-CAM zone. */
export const quickChoice = (app: Application, images: string): Promise<ProtectChoice> =>
  folderChoice(app, images, {
    settings: quickSettings,
    verifyPipelines: ['direct'],
    zoneSource: 'grad-cam',
    allowUnannotated: true,
    landmarks: false,
  });
