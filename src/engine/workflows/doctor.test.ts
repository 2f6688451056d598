import { describe, expect, it } from 'vitest';
import type { GpuReport } from '../../ml/runtime/gpus.ts';
import type { EngineReport } from '../../ml/runtime/report.ts';
import { examine, gpuFindings } from './doctor.ts';

const gpu: GpuReport = {
  devices: [{ index: 0, name: 'NVIDIA H200', memory: 1e11 }],
  driver: '570.1',
  problem: null,
  visible: null,
  cudaBuild: false,
};
const tensorflow = (device: 'CPU' | 'GPU'): EngineReport[] => [
  {
    engine: 'tensorflow',
    purpose: '',
    state: 'ready',
    version: '2',
    devices: [device],
    reason: '',
    hint: '',
  },
];

describe('gpuFindings', () => {
  it('has nothing to say where the GPU is used, or where there is none', () => {
    expect(gpuFindings({ ...gpu, cudaBuild: true }, tensorflow('GPU'))).toEqual([]);
    expect(gpuFindings({ ...gpu, devices: [], driver: null }, tensorflow('CPU'))).toEqual([]);
  });

  it('tells what stands between a GPU and TensorFlow, each with the next step', () => {
    const one = (report: Partial<GpuReport>) => gpuFindings({ ...gpu, ...report }, tensorflow('CPU'))[0];
    expect(one({})).toMatchObject({ hint: expect.stringContaining('--install-gpu') as string });
    expect(one({ cudaBuild: true })).toMatchObject({
      hint: expect.stringContaining('LD_LIBRARY_PATH') as string,
    });
    expect(one({ visible: '-1' })).toMatchObject({ message: expect.stringContaining('hidden') as string });
    expect(one({ devices: [], problem: 'the driver shows no GPU' })).toMatchObject({
      message: 'the driver shows no GPU',
    });
  });
});

describe('examine', () => {
  it('reports every part of this machine with its version', async () => {
    const report = await examine();
    expect(report.engines.map(({ engine }) => engine)).toEqual([
      'onnxruntime',
      'tensorflow',
      'tensorflow.js',
    ]);
    expect(report.images).toMatchObject({ libvips: expect.stringMatching(/^\d+\.\d+/) as string });
    expect(report.machine.threads).toBeGreaterThan(0);
    expect(report.machine.memoryAvailable).toBeLessThanOrEqual(report.machine.memory);
    expect(report.node.version).toBe(process.versions.node);
    for (const { state, engine } of report.engines) {
      if (state === 'missing') expect(report.findings.map(({ about }) => about)).toContain(engine);
    }
  });
});
