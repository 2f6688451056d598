import { access, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openOwnerKey, createOwnerKey, type OwnerKey } from '../../ml/certificate/owner-key.ts';
import { ownerAccess } from '../../ml/certificate/restore-access.ts';
import { readImage } from '../../ml/imaging/read-image.ts';
import { Failure } from '../../shared/failure.ts';
import { presetSettings } from '../../shared/presets.ts';
import type { ProtectJob } from '../../shared/protect-job.ts';
import type { Preset } from '../../shared/settings.ts';
import { writeAtomically } from '../jobs/atomic-write.ts';
import type { JobListener } from '../jobs/event-stream.ts';
import { bundledGraders } from './list-graders.ts';
import { protect, type ProtectResult } from './protect.ts';
import { restore } from './restore.ts';
import { verify } from './verify.ts';

const assets = fileURLToPath(new URL('../../../assets', import.meta.url));

/** Passphrase of the demo's key, written beside it: nothing of value is protected with it. */
export const demoPassphrase = 'medlocker demo';

const markerName = 'made-by-medlocker-demo.txt';

export interface DemoRequest {
  /** Folder to fill; one that an earlier demo filled is emptied first. */
  readonly out: string;
  readonly preset: Preset;
  readonly threads: number;
}

export interface DemoResult {
  readonly protection: ProtectResult;
  readonly verified: { readonly images: number; readonly valid: number; readonly set: boolean };
  /** Restored images whose every sample equals the source's. */
  readonly restored: { readonly images: number; readonly exact: number };
  readonly ownerKey: string;
  readonly ownerPublic: string;
}

/**
 * The whole way once, with what comes with the program: sample retinas (invented), their lesion masks and grades, the logo, and demo
 * graders, of which the last only measures. Null when it was cancelled.
 *
 * @throws Failure runtime-missing when the assets are not there
 */
export async function demo(
  request: DemoRequest,
  context: { readonly listen: JobListener; readonly signal?: AbortSignal | undefined },
): Promise<DemoResult | null> {
  const { out } = request;
  const job = await demoJob(request);
  await prepareFolder(out);
  const ownerKey = join(out, 'owner.key');
  const ownerPublic = join(out, 'owner.pub');
  const owner = await makeOwner(ownerKey, ownerPublic);
  try {
    const protection = await protect(job, { owner, ...context });
    if (protection.outcome === 'cancelled') return null;
    const trustedOwners = [{ name: owner.name, publicKey: owner.publicKey, keyId: owner.keyId }];
    const report = await verify({ path: job.out, trustedOwners, residualExpected: true }, context);
    const restoration = await restore(
      {
        path: job.out,
        out: join(out, 'restored'),
        access: ownerAccess(owner),
        trustedOwners,
        preview: false,
        now: new Date(),
      },
      context,
    );
    if (restoration.outcome === 'cancelled') return null;
    return {
      protection,
      verified: {
        images: report.images.length,
        valid: report.set?.counts.valid ?? 0,
        set: report.verified,
      },
      restored: {
        images: restoration.totals.total,
        exact: await countExact(job.source, join(out, 'restored'), restoration.restored),
      },
      ownerKey,
      ownerPublic,
    };
  } finally {
    owner.wipe();
  }
}

async function demoJob({ out, preset, threads }: DemoRequest): Promise<ProtectJob> {
  const samples = join(assets, 'samples');
  const graders = (await readdir(bundledGraders).catch((): string[] => []))
    .filter((name) => name.endsWith('.onnx'))
    .sort();
  const [victim] = graders.slice(-1);
  if (victim === undefined || graders.length < 2 || !(await exists(join(samples, 'images')))) {
    throw new Failure('runtime-missing', 'the sample images or the demo graders are not there', {
      subject: assets,
      hint: 'Make them with: npm run make:assets',
    });
  }
  const { mark, search } = presetSettings(preset);
  return {
    source: join(samples, 'images'),
    out: join(out, 'protected'),
    settings: { preset, seed: 1, mark, search },
    logo: mark.kind === 'logo' ? join(assets, 'logos', 'medlocker.png') : null,
    surrogates: graders.slice(0, -1).map((name) => join(bundledGraders, name)),
    victims: [join(bundledGraders, victim)],
    verifyPipelines: ['direct', 'jpeg:75', 'resize:50%'],
    labels: join(samples, 'labels.csv'),
    annotations: join(samples, 'annotations.json'),
    allowUnannotated: false,
    zoneSource: 'annotations',
    lesionNetwork: null,
    camThreshold: null,
    dilation: null,
    landmarks: true,
    format: 'png',
    stripMetadata: false,
    owner: 'MedLocker demo',
    rights: 'Invented images; no patient is behind them.',
    threads,
    shard: null,
    retryFailed: false,
    limit: null,
  };
}

/** Only what an earlier demo made is ever removed. */
async function prepareFolder(out: string): Promise<void> {
  const found = await readdir(out).catch((): string[] => []);
  if (found.length > 0 && !found.includes(markerName)) {
    throw new Failure('usage', `${out} holds other files`, {
      subject: out,
      hint: 'Choose another --out; the demo writes over nothing but its own folder.',
    });
  }
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  await writeFile(
    join(out, markerName),
    `Made by medlocker demo, which empties this folder when it runs again.\nPassphrase of owner.key: ${demoPassphrase}\n`,
  );
}

async function makeOwner(secretFile: string, publicFile: string): Promise<OwnerKey> {
  const created = await createOwnerKey({
    name: 'MedLocker demo',
    created: new Date(),
    passphrase: demoPassphrase,
  });
  await writeAtomically(secretFile, created.secretKeyFile, 'keys', 0o600);
  await writeAtomically(publicFile, created.publicKeyFile, 'keys');
  return openOwnerKey(await readFile(secretFile), demoPassphrase, secretFile);
}

/** Compares pixels with the source, which restoration itself never sees. */
async function countExact(
  source: string,
  restored: string,
  images: readonly { readonly path: string }[],
): Promise<number> {
  let exact = 0;
  for (const { path } of images) {
    const { raster: a } = await readImage(join(source, path));
    const { raster: b } = await readImage(join(restored, path));
    const same =
      a.width === b.width && a.height === b.height && a.channels === b.channels && a.bitDepth === b.bitDepth;
    if (same && a.data.every((sample, index) => sample === b.data[index])) exact += 1;
  }
  return exact;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
