import type { TrustedOwner } from '../../ml/certificate/trust.ts';
import { verifyImage } from '../../ml/certificate/verify-image.ts';
import { verifySet, type ImageFiles } from '../../ml/certificate/verify-set.ts';
import { Failure } from '../../shared/failure.ts';
import { isVerified, type ImageVerification, type SetVerification } from '../../shared/verification.ts';
import { eventStream, type JobListener } from '../jobs/event-stream.ts';
import { hashBytes } from '../jobs/content-hash.ts';
import { keptZone, loadSetFiles, openProtectedFolder, type ProtectedFolder } from './protected-folder.ts';

export interface VerifyRequest {
  /** A protected folder, or one protected image. */
  readonly path: string;
  readonly trustedOwners: readonly TrustedOwner[];
  /** False when the set was passed on without its residuals. */
  readonly residualExpected: boolean;
}

export interface VerifyResult {
  /** Null when there was no manifest: images are then judged one by one, and a missing one goes unnoticed. */
  readonly set: SetVerification | null;
  readonly images: readonly ImageVerification[];
  /** True only when everything that was looked at is valid in all three lines, and something was looked at. */
  readonly verified: boolean;
}

/**
 * Verifies a protected folder against its manifest, or single images against their certificates.
 *
 * @throws Failure usage, or the reason of the signal when aborted
 */
export async function verify(
  request: VerifyRequest,
  context: { readonly listen: JobListener; readonly signal?: AbortSignal | undefined },
): Promise<VerifyResult> {
  const { signal } = context;
  const { trustedOwners, residualExpected } = request;
  const set = await openProtectedFolder(request.path, signal);
  const watch = watcher(set, context.listen);
  const load = (path: string) => filesOf(set, path);
  if (set.manifest !== null) {
    const report = await verifySet({
      manifest: set.manifest,
      found: set.images,
      load,
      residualExpected,
      trustedOwners,
      onImage: watch,
      ...(signal === undefined ? {} : { signal }),
    });
    return {
      set: report,
      images: report.images,
      verified: isVerified(report) && report.images.every(isVerified),
    };
  }
  const images: ImageVerification[] = [];
  for (const path of set.images) {
    signal?.throwIfAborted();
    const report = verifyImage({ ...(await load(path)), path, residualExpected, trustedOwners });
    images.push(report);
    watch(report, images.length, set.images.length);
  }
  return { set: null, images, verified: images.length > 0 && images.every(isVerified) };
}

async function filesOf(set: ProtectedFolder, path: string): Promise<ImageFiles> {
  const { certificate, residual, image } = await loadSetFiles(set, path);
  const raster = image === null || image instanceof Failure ? image : image.raster;
  const zone = raster === null || raster instanceof Failure ? undefined : await keptZone(set, path, raster);
  return { certificate, residual, protected: raster, zone };
}

function watcher(set: ProtectedFolder, listen: JobListener) {
  const emit = eventStream(hashBytes(`verify\n${set.folder}`).slice(0, 32), listen);
  const started = performance.now();
  let last = started;
  let announced = false;
  let failed = 0;
  return (report: ImageVerification, finished: number, total: number): void => {
    if (!announced) emit({ kind: 'job-started', workflow: 'verify', total, resumed: 0, skipped: [] });
    announced = true;
    const now = performance.now();
    const verified = isVerified(report);
    if (!verified) failed += 1;
    const line = [report.integrity, report.signature, report.trust].find(({ status }) => status !== 'valid');
    emit({
      kind: 'image-finished',
      path: report.path,
      state: verified ? 'done' : 'failed',
      reason: line?.reason ?? null,
      code: line?.code ?? null,
      seconds: (now - last) / 1000,
    });
    last = now;
    const elapsedSeconds = (now - started) / 1000;
    emit({
      kind: 'progress',
      total,
      done: finished - failed,
      kept: 0,
      noRoom: 0,
      failed,
      finished,
      elapsedSeconds,
      etaSeconds: (elapsedSeconds / finished) * (total - finished),
    });
  };
}
