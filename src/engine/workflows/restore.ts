import { readFile } from 'node:fs/promises';
import { posix, join } from 'node:path';
import type { RestoreAccess } from '../../ml/certificate/restore-access.ts';
import { previewRestoration, restoreImage, type RestoreInput } from '../../ml/certificate/restore.ts';
import type { TrustedOwner } from '../../ml/certificate/trust.ts';
import { decodeImage } from '../../ml/imaging/read-image.ts';
import type { ImageMetadata } from '../../ml/imaging/image-metadata.ts';
import type { Raster } from '../../ml/imaging/raster.ts';
import { encodeLossless } from '../../ml/imaging/write-image.ts';
import { Failure } from '../../shared/failure.ts';
import { notWritable, removeLeftovers, writeAtomically } from '../jobs/atomic-write.ts';
import { hashBytes } from '../jobs/content-hash.ts';
import { eventStream, type JobListener } from '../jobs/event-stream.ts';
import { runItems, type RunResult } from '../jobs/run-items.ts';
import { resolveJobPaths } from '../jobs/source-paths.ts';
import { loadSetFiles, openProtectedFolder } from './protected-folder.ts';
import { checkSameSamples } from './written-check.ts';

export interface RestoreRequest {
  /** A protected folder, or one protected image. */
  readonly path: string;
  readonly out: string;
  readonly access: RestoreAccess;
  readonly trustedOwners: readonly TrustedOwner[];
  /** For images whose pixels were altered: write an approximate preview, named and reported as such. */
  readonly preview: boolean;
  /** An image whose place another file holds already fails instead of replacing it; false by default. */
  readonly keepsExisting?: boolean | undefined;
  readonly now: Date;
}

export interface RestoreResult extends RunResult {
  readonly out: string;
  /** Images given back bit for bit, with the hash that proves it. */
  readonly restored: readonly { readonly path: string; readonly originalPixelsSha256: string }[];
  readonly previews: readonly string[];
}

/**
 * Gives the originals of a protected folder back, bit for bit, into another folder. An image that was altered, or that the licence does
 * not open, fails with its reason and the rest goes on.
 */
export async function restore(
  request: RestoreRequest,
  context: { readonly listen: JobListener; readonly signal?: AbortSignal | undefined },
): Promise<RestoreResult> {
  const { signal } = context;
  const set = await openProtectedFolder(request.path, signal);
  const { out } = await resolveJobPaths(set.folder, request.out);
  await removeLeftovers(out, 'restore');
  const emit = eventStream(hashBytes(`restore\n${set.folder}\n${out}`).slice(0, 32), context.listen);
  emit({ kind: 'job-started', workflow: 'restore', total: set.images.length, resumed: 0, skipped: [] });
  const restored: { path: string; originalPixelsSha256: string }[] = [];
  const previews: string[] = [];
  const result = await runItems({
    items: set.images.map((path) => ({ path })),
    emit,
    signal,
    async work({ path }, stage) {
      stage('read');
      const { certificate, residual, image } = await loadSetFiles(set, path);
      if (image === null)
        throw new Failure('image-unreadable', `${path} is gone`, {
          subject: path,
          hint: 'Do not change the folder while it is restored; start again.',
        });
      if (image instanceof Failure) throw image;
      const input: RestoreInput = {
        protected: image.raster,
        certificate: required(
          certificate,
          path,
          'certificate-unreadable',
          'there is no certificate beside it',
        ),
        residual: required(residual, path, 'residual-damaged', 'there is no residual (.mlr) beside it'),
        access: request.access,
        trustedOwners: request.trustedOwners,
        now: request.now,
        subject: path,
      };
      signal?.throwIfAborted();
      try {
        const { original, proof } = restoreImage(input);
        stage('write');
        await write(join(out, ...path.split('/')), path, original, image.metadata, request.keepsExisting);
        restored.push({ path, originalPixelsSha256: proof.originalPixelsSha256 });
        return { state: 'done' };
      } catch (error) {
        if (!request.preview || !(error instanceof Failure) || error.code !== 'pixels-altered') throw error;
        const preview = previewRestoration(input);
        const name = previewName(path);
        await write(join(out, ...name.split('/')), name, preview.raster, null);
        previews.push(name);
        return { state: 'failed', code: error.code, reason: `altered; wrote ${name}: ${preview.note}` };
      }
    },
  });
  return { ...result, out, restored, previews };
}

/** The restored file decodes to the restored samples, or it is not written. */
async function write(
  path: string,
  name: string,
  raster: Raster,
  metadata: ImageMetadata | null,
  keepsExisting = false,
): Promise<void> {
  const format = formatOf(name);
  const bytes = await encodeLossless(raster, format, metadata);
  checkSameSamples(raster, (await decodeImage(bytes, name)).raster);
  if (keepsExisting) await requireFree(path, name, bytes);
  await writeAtomically(path, bytes, 'restore');
}

/** What an earlier restoration of the same image has written there may stay. */
async function requireFree(path: string, name: string, bytes: Buffer): Promise<void> {
  const found = await readFile(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw notWritable(path, error);
  });
  if (found === null || found.equals(bytes)) return;
  throw new Failure('output-not-writable', `${name}: another file of this name is there already`, {
    subject: path,
    hint: 'Choose an empty folder for the restored images.',
    cause: Object.assign(new Error('the file exists'), { code: 'EEXIST' }),
  });
}

function formatOf(name: string): 'png' | 'tiff' | 'webp' {
  const extension = posix.extname(name).toLowerCase();
  if (extension === '.png') return 'png';
  if (extension === '.tif' || extension === '.tiff') return 'tiff';
  if (extension === '.webp') return 'webp';
  throw new Failure('image-unsupported', `${name} is not one of the lossless kinds MedLocker writes`, {
    subject: name,
    hint: 'Restore needs the PNG, TIFF or WebP file that protect wrote.',
  });
}

function previewName(path: string): string {
  return `${path.slice(0, -posix.extname(path).length)}.approximate-preview.png`;
}

function required(
  bytes: Buffer | null,
  path: string,
  code: 'certificate-unreadable' | 'residual-damaged',
  why: string,
): Buffer {
  if (bytes !== null) return bytes;
  throw new Failure(code, `${path}: ${why}`, {
    subject: path,
    hint: 'Copy the .certificate.json and .mlr files along with the image.',
  });
}
