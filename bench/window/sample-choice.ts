import type { ProtectChoice } from '../../src/shared/contract/jobs.ts';
import { presetSettings } from '../../src/shared/presets.ts';
import type { Application } from '../../test/window/application.ts';
import { asker } from '../../test/window/ask-page.ts';

/** The sample set with the settings a person finds at the first start. */
export async function sampleChoice(app: Application): Promise<ProtectChoice> {
  const samples = await asker(app.page)('source.samples', {});
  return {
    source: samples.source.id,
    out: null,
    settings: { preset: 'balanced', seed: 1, ...presetSettings('balanced') },
    logo: { kind: 'bundled' },
    surrogates: ['bundled:demo-resnet.onnx'],
    victims: [],
    verifyPipelines: ['direct', 'jpeg:75'],
    labels: samples.labels.id,
    annotations: samples.annotations.id,
    zoneSource: 'auto',
    allowUnannotated: false,
    dilation: null,
    landmarks: true,
    format: 'png',
    stripMetadata: false,
    rights: null,
    limit: null,
  };
}
