import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { bindingPackage } from './tensorflow.ts';

const run = promisify(execFile);

export interface Gpu {
  /** Number that `--gpu` and CUDA_VISIBLE_DEVICES take. */
  readonly index: number;
  readonly name: string;
  /** Bytes; null where only the driver's files were read. */
  readonly memory: number | null;
}

/** NVIDIA GPUs as the system shows them, whether or not TensorFlow can use them. */
export interface GpuReport {
  readonly devices: readonly Gpu[];
  /** Version of the driver, or null without one. */
  readonly driver: string | null;
  /** Why no GPU is seen although a driver is there; null otherwise. */
  readonly problem: string | null;
  /** CUDA_VISIBLE_DEVICES, or null when unset (all are visible). */
  readonly visible: string | null;
  /** Whether the CUDA build of libtensorflow is the installed one. */
  readonly cudaBuild: boolean;
}

/** Reads /proc/driver/nvidia and asks nvidia-smi, where they exist; starts no engine. `root` stands for / in tests. */
export async function examineGpus(root = '/', smi: () => Promise<string> = askDriver): Promise<GpuReport> {
  const driver = await driverVersion(root);
  const visible = process.env['CUDA_VISIBLE_DEVICES'] ?? null;
  const base = { visible, cudaBuild: cudaBuildIsInstalled() };
  try {
    const devices = parseDevices(await smi());
    if (devices.length > 0) return { ...base, devices, driver, problem: null };
  } catch {
    // No nvidia-smi, or it cannot talk to the driver: the driver's own files tell what is there.
  }
  const devices = await devicesOfDriver(root);
  const problem =
    driver !== null && devices.length === 0
      ? `the NVIDIA driver ${driver} is loaded, but shows no GPU`
      : null;
  return { ...base, devices, driver, problem };
}

/** `0, NVIDIA H200, 143771` lines. */
function parseDevices(text: string): Gpu[] {
  return text
    .split('\n')
    .map((line) => /^(\d+), (.+), (\d+)$/.exec(line.trim()))
    .filter((match) => match !== null)
    .map(([, index, name, mebibytes]) => ({
      index: Number(index),
      name,
      memory: Number(mebibytes) * 2 ** 20,
    }));
}

async function askDriver(): Promise<string> {
  const args = ['--query-gpu=index,name,memory.total', '--format=csv,noheader,nounits'];
  const { stdout } = await run('nvidia-smi', args, { timeout: 10_000 });
  return stdout;
}

async function driverVersion(root: string): Promise<string | null> {
  const text = await readFile(join(root, 'proc/driver/nvidia/version'), 'utf8').catch(() => '');
  return /Kernel Module\D*?([\d.]+)/.exec(text)?.[1] ?? null;
}

async function devicesOfDriver(root: string): Promise<Gpu[]> {
  const folder = join(root, 'proc/driver/nvidia/gpus');
  const names = await readdir(folder).catch(() => []);
  return Promise.all(
    names.sort().map(async (entry, index) => {
      const text = await readFile(join(folder, entry, 'information'), 'utf8').catch(() => '');
      return { index, name: /^Model:\s*(.+)$/m.exec(text)?.[1] ?? 'NVIDIA GPU', memory: null };
    }),
  );
}

/** Only the CUDA build comes with CUDA libraries beside it. */
function cudaBuildIsInstalled(): boolean {
  try {
    const require = createRequire(import.meta.url);
    const folder = dirname(require.resolve(`${bindingPackage()}/package.json`));
    return existsSync(join(folder, 'deps', 'cuda'));
  } catch {
    return false;
  }
}
