import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { synthesizeFundus } from '../../src/ml/imaging/synthetic-fundus.ts';
import { createRandom } from '../../src/ml/random.ts';
// Plain JavaScript: the same environment that people's jobs run in.
import { engineEnvironment } from '../../scripts/bootstrap/engine-environment.mjs';
import { type BenchRow, type BenchSection, NotMeasured } from '../harness.ts';
import { summarize } from '../measure.ts';

/** MEDLOCKER_BENCH_JOB overrides the number of images for a quick look. */
const IMAGES = Number(process.env.MEDLOCKER_BENCH_JOB ?? 2000);
const LARGE_RUNS = 5;
const SAMPLE_MILLISECONDS = 200;
const root = join(import.meta.dirname, '..', '..');

interface Sample {
  readonly done: number;
  readonly megabytes: number;
  /** The most the process has ever held, as the kernel knows it. */
  readonly peak: number;
}

export const section: BenchSection = {
  name: 'memory',
  question: 'Does a long job of mixed sizes stay flat, and what does one large photograph take?',
  run: async ({ threads, say }) => {
    if (process.platform !== 'linux') throw new NotMeasured('resident memory is read from /proc');
    const folder = await mkdtemp(join(tmpdir(), 'medlocker-memory-'));
    try {
      say(`making ${IMAGES} images`);
      await makeImages(join(folder, 'mixed'), IMAGES);
      const mixed = await protect(folder, 'mixed', threads, say);
      await makeLarge(join(folder, 'large'));
      const large: number[] = [];
      for (let run = 0; run < LARGE_RUNS; run++)
        large.push(peakOf(await protect(folder, 'large', threads, say)));
      say(`${LARGE_RUNS} large photographs`);
      return { rows: [...mixedRows(mixed), largeRow(large)], notes };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

const notes = [
  "medlocker protect in a process of its own, preset balanced with plain ink and 20 queries, two bundled graders; peaks are the kernel's own (VmHWM), growth is judged by VmRSS every 200 ms.",
  'The large photograph is protected five times with the usual texture and budget, each time in a new process.',
  'Sizes 256 to 1600 pixels, JPEG and PNG, made by the synthetic generator.',
];

async function makeImages(folder: string, count: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const random = createRandom(7);
  const grades = [0, 1, 2, 3, 4, 2] as const;
  const sources = [256, 400, 512, 768, 1024, 1600].map(
    (size, seed) => synthesizeFundus({ grade: grades[seed], seed, size }).raster,
  );
  for (let i = 0; i < count; i++) {
    const { width, height, data } = sources[i % sources.length];
    const name = join(folder, `${String(i).padStart(5, '0')}.${i % 3 === 0 ? 'png' : 'jpg'}`);
    // A slight change of brightness makes every file an image of its own.
    const image = sharp(data, { raw: { width, height, channels: 3 } }).linear(0.8 + 0.2 * random.next(), 0);
    await (i % 3 === 0 ? image.png({ compressionLevel: 1 }) : image.jpeg({ quality: 92 })).toFile(name);
  }
}

async function makeLarge(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { width, height, data } = synthesizeFundus({ grade: 3, seed: 1, size: 1424 }).raster;
  await sharp(data, { raw: { width, height, channels: 3 } })
    .resize(2848, 2848)
    .extend({ left: 720, right: 720, background: '#000' })
    .jpeg({ quality: 92 })
    .toFile(join(folder, 'large.jpg'));
}

/** Runs a job and samples the memory of its process as images finish. */
async function protect(
  folder: string,
  source: string,
  threads: number,
  say: (line: string) => void,
): Promise<readonly Sample[]> {
  await rm(join(folder, `${source}-out`), { recursive: true, force: true });
  const env = { ...engineEnvironment(process.env), MEDLOCKER_PASSPHRASE: 'bench only', NO_COLOR: '1' };
  const main = join(root, 'src', 'cli', 'main.ts');
  const key = join(folder, `owner-${source}`);
  await finished(
    spawn(process.execPath, [main, 'keys', 'create-owner', '--name', 'bench', '--out', key], {
      env,
      stdio: 'ignore',
    }),
  );
  const grader = (name: string): string => join(root, 'assets', 'graders', name);
  const [first, second] = await bundledGraders();
  const cheap = source === 'mixed' ? ['--texture', '0', '--budget', '20'] : [];
  const child = spawn(
    process.execPath,
    [main, 'protect', join(folder, source), '--out', join(folder, `${source}-out`), '--text', 'ML', ...cheap]
      .concat(['--surrogate', grader(first), '--victim', grader(second), '--owner-key', `${key}.key`])
      .concat(['--threads', String(threads)]),
    { env, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let text = '';
  let said = 0;
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => (text += part));
  const samples: Sample[] = [];
  const timer = setInterval(() => {
    const done = text.split('done ').length - 1;
    void memoryOf(child.pid).then((memory) => memory !== null && samples.push({ done, ...memory }));
    if (done >= said + 100) say(`${(said = done)} images done`);
  }, SAMPLE_MILLISECONDS);
  const code = await finished(child);
  clearInterval(timer);
  if (code !== 0) throw new Error(`medlocker protect ended with ${code}: ${text.slice(-500)}`);
  return samples;
}

async function bundledGraders(): Promise<readonly [string, string]> {
  const models = (await readdir(join(root, 'assets', 'graders')))
    .filter((name) => name.endsWith('.onnx'))
    .sort();
  if (models.length < 2) throw new NotMeasured('the bundled graders are missing: npm run make:assets');
  return [models[0], models[1]];
}

async function memoryOf(pid: number | undefined): Promise<Omit<Sample, 'done'> | null> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const megabytes = (key: string): number =>
      Number(new RegExp(`${key}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
    const memory = { megabytes: megabytes('VmRSS'), peak: megabytes('VmHWM') };
    return Number.isNaN(memory.peak) ? null : memory;
  } catch {
    return null;
  }
}

function finished(child: ReturnType<typeof spawn>): Promise<number | null> {
  return new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
}

function mixedRows(samples: readonly Sample[]): BenchRow[] {
  const half = IMAGES / 2;
  const peak = (part: readonly Sample[]): number => Math.max(...part.map(({ megabytes }) => megabytes));
  // The first tenth warms engines and caches up; growth is judged between the rest of the first half and the second.
  const early = samples.filter(({ done }) => done >= IMAGES / 10 && done < half);
  const late = samples.filter(({ done }) => done >= half);
  const growth = peak(late) / peak(early);
  return [
    {
      what: `${IMAGES} images of mixed size, peak RSS`,
      n: samples.length,
      value: peakOf(samples),
      low: Math.min(...samples.map(({ megabytes }) => megabytes)),
      high: peakOf(samples),
      spread: 'range',
      unit: 'MB',
      target: { atMost: 1500 },
    },
    {
      what: 'peak of the second half / peak of the first (without its first tenth)',
      n: samples.length,
      value: growth,
      low: growth,
      high: growth,
      spread: 'exact',
      unit: 'x',
      target: { atMost: 1.05 },
    },
  ];
}

function peakOf(samples: readonly Sample[]): number {
  return Math.max(...samples.map((sample) => sample.peak));
}

function largeRow(peaks: readonly number[]): BenchRow {
  const { median, min, max, n } = summarize(peaks);
  return {
    what: 'one 4288 x 2848 photograph, peak RSS (median of runs)',
    n,
    value: median,
    low: min,
    high: max,
    spread: 'range',
    unit: 'MB',
    target: { atMost: 1000 },
  };
}
