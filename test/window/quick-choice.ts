import type { ProtectChoice } from '../../src/shared/contract/jobs.ts';
import { presetSettings } from '../../src/shared/presets.ts';
import type { Application } from './application.ts';
import { asker } from './ask-page.ts';
import { answerDialogs } from './dialogs.ts';

/** What a person would choose for a job that is through in seconds: one bundled grader, a small budget, the Grad-CAM zone. */
export async function quickChoice(app: Application, images: string): Promise<ProtectChoice> {
  await answerDialogs(app, images);
  const source = await asker(app.page)('paths.pickFolder', { purpose: 'source' });
  const { mark, search } = presetSettings('published');
  return {
    source: source?.id ?? '',
    out: null,
    settings: { preset: 'published', seed: 1, mark, search: { ...search, budget: 20 } },
    logo: { kind: 'bundled' },
    surrogates: ['bundled:demo-resnet.onnx'],
    victims: [],
    verifyPipelines: ['direct'],
    labels: null,
    annotations: null,
    zoneSource: 'grad-cam',
    allowUnannotated: true,
    dilation: null,
    landmarks: false,
    format: 'png',
    stripMetadata: false,
    rights: null,
    limit: null,
  };
}
