import { readFile } from 'node:fs/promises';
import { availableParallelism, cpus, freemem, homedir, totalmem } from 'node:os';
import { join } from 'node:path';
import { examineGpus, type GpuReport } from '../../ml/runtime/gpus.ts';
import { reportEngines, type EngineReport } from '../../ml/runtime/report.ts';
import { version } from '../../shared/version.ts';
import { freeBytes } from '../jobs/disk-space.ts';

/** Something that is missing, broken or too small, and what to do about it. */
export interface Finding {
  /** `problem`: a part of the program does not work; `advice`: it works, but less well than this machine could. */
  readonly level: 'problem' | 'advice';
  readonly about: string;
  readonly message: string;
  readonly hint: string;
}

export interface DoctorReport {
  readonly medlocker: string;
  readonly node: { readonly version: string; readonly platform: string };
  readonly machine: MachineReport;
  readonly engines: readonly EngineReport[];
  readonly images: { readonly sharp: string; readonly libvips: string } | null;
  readonly gpus: GpuReport;
  readonly findings: readonly Finding[];
}

interface MachineReport {
  readonly processor: string;
  /** Threads this process may use; a container's limit counts. */
  readonly threads: number;
  /** Bytes; with a container's limit where there is one. */
  readonly memory: number;
  readonly memoryAvailable: number;
  /** Bytes a user can write in the current folder and in the cache of the set-up; null where the system does not tell. */
  readonly diskHere: number | null;
  readonly diskCache: number | null;
}

const GIGABYTE = 1e9;
const LEAST_MEMORY = 4 * GIGABYTE;
const LEAST_DISK = 5 * GIGABYTE;

/**
 * Engines and devices this machine really has. TensorFlow is started (about a second, 300 MB), which is the only way to
 * know its device; sharp and onnxruntime are loaded. Reports faults instead of throwing them.
 */
export async function examine(): Promise<DoctorReport> {
  const [engines, images, gpus, machine] = [
    await reportEngines({ start: true }),
    await imageLibrary(),
    await examineGpus(),
    await examineMachine(),
  ];
  const node = { version: process.versions.node, platform: `${process.platform}-${process.arch}` };
  const findings = [
    ...engineFindings(engines),
    ...imageFindings(images),
    ...gpuFindings(gpus, engines),
    ...machineFindings(machine),
  ];
  return {
    medlocker: version,
    node,
    machine,
    engines,
    images: 'reason' in images ? null : images,
    gpus,
    findings,
  };
}

function engineFindings(engines: readonly EngineReport[]): Finding[] {
  return engines
    .filter(({ state }) => state === 'missing')
    .map(({ engine, purpose, reason, hint }) => ({
      level: 'problem' as const,
      about: engine,
      message: `${engine}, which ${purpose}, is missing: ${reason}`,
      hint,
    }));
}

type ImageLibrary = { readonly sharp: string; readonly libvips: string } | { readonly reason: string };

async function imageLibrary(): Promise<ImageLibrary> {
  try {
    const { default: sharp } = await import('sharp');
    // A pixel through the whole library: a missing system library shows only when it works.
    await sharp({ create: { width: 1, height: 1, channels: 3, background: '#000' } })
      .png()
      .toBuffer();
    return { sharp: sharp.versions.sharp ?? '', libvips: sharp.versions.vips };
  } catch (cause) {
    return { reason: cause instanceof Error ? (cause.message.split('\n', 1)[0] ?? '') : String(cause) };
  }
}

function imageFindings(images: ImageLibrary): Finding[] {
  if (!('reason' in images)) return [];
  return [
    {
      level: 'problem',
      about: 'sharp',
      message: `sharp, which reads and writes images, does not work: ${images.reason}`,
      hint: 'Install it with: npm run setup',
    },
  ];
}

/** What stands between a GPU that is there and a TensorFlow that uses it. */
export function gpuFindings(gpus: GpuReport, engines: readonly EngineReport[]): Finding[] {
  const tensorflow = engines.find(({ engine }) => engine === 'tensorflow');
  const used = tensorflow?.devices.includes('GPU') === true;
  if (gpus.devices.length === 0) {
    if (gpus.problem === null) return [];
    return [
      {
        level: 'advice',
        about: 'GPU',
        message: gpus.problem,
        hint: 'Reinstall the NVIDIA driver, then start the machine again.',
      },
    ];
  }
  if (used || tensorflow?.state !== 'ready') return [];
  const names = gpus.devices.map(({ name }) => name).join(', ');
  if (gpus.visible === '' || gpus.visible === '-1') {
    return [
      {
        level: 'advice',
        about: 'GPU',
        message: `${names} is hidden: CUDA_VISIBLE_DEVICES is "${gpus.visible}"`,
        hint: 'Unset CUDA_VISIBLE_DEVICES, or give --gpu 0 to a command that trains.',
      },
    ];
  }
  const message = gpus.cudaBuild
    ? `${names} is here and the CUDA build is installed, but TensorFlow computes on the CPU`
    : `${names} is here, but TensorFlow is the CPU build`;
  const hint = gpus.cudaBuild
    ? 'Start with: npm run medlocker, which sets LD_LIBRARY_PATH; the driver must be 525 or newer (nvidia-smi shows it).'
    : 'Install the CUDA build with: medlocker doctor --install-gpu';
  return [{ level: 'advice', about: 'GPU', message, hint }];
}

function machineFindings({ memoryAvailable, diskHere }: MachineReport): Finding[] {
  const findings: Finding[] = [];
  if (memoryAvailable < LEAST_MEMORY) {
    findings.push({
      level: 'advice',
      about: 'memory',
      message: `${(memoryAvailable / GIGABYTE).toFixed(1)} GB of memory are available; protecting large photographs wants 4 GB`,
      hint: 'Close other programs, or give --workers 1.',
    });
  }
  if (diskHere !== null && diskHere < LEAST_DISK) {
    findings.push({
      level: 'advice',
      about: 'disk',
      message: `${(diskHere / GIGABYTE).toFixed(1)} GB are free in the current folder`,
      hint: 'A protected set takes about as much room as twice its originals; choose an --out on another disk.',
    });
  }
  return findings;
}

async function examineMachine(): Promise<MachineReport> {
  const limit = await containerLimit();
  const memory = Math.min(totalmem(), limit?.memory ?? Infinity);
  const free = await availableMemory();
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    threads: availableParallelism(),
    memory,
    memoryAvailable: Math.min(free, limit === null ? Infinity : limit.memory - limit.used),
    diskHere: await freeBytes(process.cwd()),
    diskCache: await freeBytes(join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'medlocker')),
  };
}

/** Linux counts caches as used; MemAvailable does not. */
async function availableMemory(): Promise<number> {
  const text = await readFile('/proc/meminfo', 'utf8').catch(() => '');
  const kilobytes = /^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1];
  return kilobytes === undefined ? freemem() : Number(kilobytes) * 1024;
}

async function containerLimit(): Promise<{ memory: number; used: number } | null> {
  const read = (name: string) => readFile(join('/sys/fs/cgroup', name), 'utf8').catch(() => '');
  const memory = Number(await read('memory.max'));
  const used = Number(await read('memory.current'));
  return memory > 0 && Number.isFinite(memory) ? { memory, used } : null;
}
