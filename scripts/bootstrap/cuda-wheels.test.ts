import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { withCudaLibraries } from './cuda-environment.mjs';
import { cudaPlan } from './cuda-wheels.mjs';

describe('cudaPlan', () => {
  it('pins every wheel by version and SHA-256, and states what they take', () => {
    const plan = cudaPlan('linux-x64');
    expect(plan.supported).toBe(true);
    expect(plan.wheels).toHaveLength(13);
    for (const { requirement, sha256, bytes } of plan.wheels) {
      expect(requirement).toMatch(/^[a-z0-9-]+==[\d.]+$/);
      expect(sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(bytes).toBeGreaterThan(1e5);
    }
    expect(new Set(plan.wheels.map(({ sha256 }) => sha256)).size).toBe(13);
    // The sum of the sizes that the package index states, added up elsewhere.
    expect(plan.downloadBytes).toBe(2_424_722_632);
  });

  it('is empty where there is no CUDA build', () => {
    expect(cudaPlan('darwin-arm64')).toMatchObject({ supported: false, wheels: [], downloadBytes: 0 });
  });
});

describe('withCudaLibraries', () => {
  it('puts the CUDA libraries first, and changes nothing where they are not', () => {
    expect(withCudaLibraries({ LD_LIBRARY_PATH: '/opt/lib' }, tmpdir())).toEqual({
      LD_LIBRARY_PATH: `${tmpdir()}:/opt/lib`,
    });
    expect(withCudaLibraries({}, tmpdir())).toEqual({ LD_LIBRARY_PATH: tmpdir() });
    const env = { PATH: '/bin' };
    expect(withCudaLibraries(env, '/absent/cuda')).toBe(env);
  });
});
