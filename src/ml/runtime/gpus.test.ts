import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { examineGpus } from './gpus.ts';

let root: string;
const noSmi = () => Promise.reject(new Error('spawn nvidia-smi ENOENT'));
const driver = (version: string) =>
  `NVRM version: NVIDIA UNIX x86_64 Kernel Module  ${version}  Fri Jan  1 00:00:00 UTC 2026\nGCC version: 13\n`;

async function file(path: string, text: string): Promise<void> {
  await mkdir(join(root, path, '..'), { recursive: true });
  await writeFile(join(root, path), text);
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'gpus-'));
});
afterEach(() => rm(root, { recursive: true }));

describe('examineGpus', () => {
  it('finds nothing, and no fault in that, on a machine without a driver', async () => {
    expect(await examineGpus(root, noSmi)).toMatchObject({ devices: [], driver: null, problem: null });
  });

  it('reads names and memory from nvidia-smi', async () => {
    await file('proc/driver/nvidia/version', driver('570.86.15'));
    const smi = () => Promise.resolve('0, NVIDIA H200, 143771\n1, NVIDIA A100-SXM4-40GB, 40960\n');
    expect(await examineGpus(root, smi)).toMatchObject({
      driver: '570.86.15',
      problem: null,
      devices: [
        { index: 0, name: 'NVIDIA H200', memory: 143771 * 2 ** 20 },
        { index: 1, name: 'NVIDIA A100-SXM4-40GB', memory: 40960 * 2 ** 20 },
      ],
    });
  });

  it("reads the driver's own files where nvidia-smi is missing or broken", async () => {
    await file('proc/driver/nvidia/version', driver('535.1'));
    await file(
      'proc/driver/nvidia/gpus/0000:01:00.0/information',
      'Model: \t\t NVIDIA GeForce RTX 3060\nIRQ: 1\n',
    );
    for (const smi of [noSmi, () => Promise.resolve('NVIDIA-SMI has failed\n')]) {
      expect(await examineGpus(root, smi)).toMatchObject({
        problem: null,
        devices: [{ index: 0, name: 'NVIDIA GeForce RTX 3060', memory: null }],
      });
    }
  });

  it('says that a loaded driver shows no GPU', async () => {
    await file('proc/driver/nvidia/version', driver('535.1'));
    const { devices, problem } = await examineGpus(root, noSmi);
    expect(devices).toEqual([]);
    expect(problem).toContain('535.1');
  });
});
