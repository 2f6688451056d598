import { totalmem } from 'node:os';
import { parsePipeline } from '../../../ml/imaging/pipelines.ts';
import { readImage } from '../../../ml/imaging/read-image.ts';
import type { LabelledImages } from '../../../ml/models/training/labelled-images.ts';
import { describeError } from '../../jobs/run-items.ts';
import { hashFile } from '../../jobs/content-hash.ts';
import { openImageStore } from './image-store.ts';
import type { LabelledFile } from './training-labels.ts';

/** What was read of a set of files; `images` only holds those that can be decoded. */
export interface PreparedImages {
  readonly usable: readonly LabelledFile[];
  /** SHA-256 of each usable file, in their order. */
  readonly hashes: readonly string[];
  readonly leftOut: readonly { readonly path: string; readonly reason: string }[];
  /** The usable images of a side, in the order given. */
  imagesOf(files: readonly LabelledFile[]): LabelledImages;
  /** Removes the scratch file; the images are of no use afterwards. */
  close(): Promise<void>;
}

/** Decoded images kept in memory; the others go to the scratch file. */
const MEMORY = Math.min(2 ** 31, totalmem() / 8);
const AT_ONCE = 4;

/**
 * Decodes every image once, squeezed to `side` as a grader's input is (antialiased bilinear), so that damaged files are
 * known before the training starts and no step has to wait for a decoder.
 */
export async function prepareImages(
  files: readonly LabelledFile[],
  options: {
    readonly side: number;
    readonly classes: number;
    /** Path of a file for the images that memory does not hold. */
    readonly scratch: string;
    readonly signal?: AbortSignal;
    readonly onProgress?: (done: number) => void;
  },
): Promise<PreparedImages> {
  const { side, classes, signal, onProgress } = options;
  const squeeze = parsePipeline('direct');
  const store = openImageStore(options.scratch, side ** 2 * 3, MEMORY);
  const hashes = new Map<LabelledFile, string>();
  const reasons = new Map<LabelledFile, string>();
  let done = 0;

  async function decode(file: LabelledFile): Promise<Uint8Array> {
    const { raster } = await readImage(file.file.absolute);
    const { data } = await squeeze.apply(raster, { width: side, height: side });
    return Uint8Array.from(data, (value) => Math.round(value * 255));
  }

  async function prepare(file: LabelledFile): Promise<void> {
    try {
      const pixels = await decode(file);
      hashes.set(file, await hashFile(file.file.absolute));
      await store.add(file, pixels);
    } catch (error) {
      reasons.set(file, describeError(error, file.file.path).reason);
    }
    onProgress?.((done += 1));
  }

  const queue = [...files];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      signal?.throwIfAborted();
      await prepare(next);
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  } catch (cause) {
    await store.close();
    throw cause;
  }

  const usable = files.filter((file) => hashes.has(file));
  return {
    usable,
    hashes: usable.map((file) => hashes.get(file) ?? ''),
    leftOut: files.flatMap((file) => {
      const reason = reasons.get(file);
      return reason === undefined ? [] : [{ path: file.file.path, reason }];
    }),
    imagesOf: (wanted) => {
      const present = wanted.filter((file) => hashes.has(file));
      return {
        count: present.length,
        side,
        classes,
        labels: present.map(({ grade }) => grade),
        name: (index) => present[index].file.path,
        pixels: async (index) => (await store.read(present[index])) ?? decode(present[index]),
      };
    },
    close: () => store.close(),
  };
}
