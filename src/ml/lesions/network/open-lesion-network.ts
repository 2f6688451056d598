import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { Failure } from '../../../shared/failure.ts';
import type { FieldOfView } from '../../imaging/field-of-view.ts';
import type { Raster } from '../../imaging/raster.ts';
import { openSession, type OnnxSession } from '../../onnx/session.ts';
import { networkInput, networkOutput } from './export-lesion-network.ts';
import { readLesionCard, type LesionCard } from './lesion-card.ts';
import { networkClasses, type NetworkClass } from './lesion-classes.ts';
import { probabilitySteps, type LesionMaps } from './lesion-maps.ts';
import { networkView, viewChannels, type NetworkView } from './network-view.ts';
import { tilesOf, type Tile } from './tiles.ts';

/** A lesion network ready to answer, on ONNX Runtime. */
export interface LesionFinder {
  /** File name and the first digits of its hash, for zone sources. */
  readonly id: string;
  readonly sha256: string;
  readonly card: LesionCard;
  /** Looks at a photograph as it is and mirrored, and answers with the mean. */
  find(image: Raster, field: FieldOfView): Promise<LesionMaps>;
  release(): Promise<void>;
}

/**
 * Opens a network written by `exportLesionNetwork`, with the card beside it unless one is given.
 * @throws Failure `model-unreadable` or `model-unsupported` naming the file
 */
export async function openLesionNetwork(
  path: string,
  threads?: number,
  card?: LesionCard,
): Promise<LesionFinder> {
  const bytes = await readNetwork(path);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const known = card ?? (await readLesionCard(path));
  const session = await openSession(bytes, path, threads, false);
  return {
    id: `${basename(path, '.onnx')}:${sha256.slice(0, 16)}`,
    sha256,
    card: known,
    find: (image, field) => mapsOf(session, networkView(image, field), path),
    release: () => session.release(),
  };
}

async function readNetwork(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new Failure('model-unreadable', `the lesion network ${path} cannot be read`, {
      subject: path,
      hint: 'Install MedLocker again, or name your own network with --lesion-network FILE.',
      cause,
    });
  }
}

async function mapsOf(session: OnnxSession, view: NetworkView, path: string): Promise<LesionMaps> {
  const { width, height, box, field, exposure } = view;
  const sums = networkClasses.map(() => new Float32Array(width * height));
  for (const mirrored of [false, true]) {
    for (const tile of tilesOf(width, height)) {
      const dims = [1, viewChannels, tile.rows, tile.columns];
      const feeds = { [networkInput]: { data: cut(view, tile, mirrored), dims } };
      const answer = await session.run(feeds, [networkOutput]).catch((cause: unknown) => {
        throw unusable(path, cause);
      });
      if (!(networkOutput in answer)) throw unusable(path);
      const { data } = answer[networkOutput];
      if (data.length !== networkClasses.length * tile.rows * tile.columns) throw unusable(path);
      sums.forEach((sum, channel) => add(data, channel, tile, sum, width, mirrored));
    }
  }
  const values = Object.fromEntries(
    networkClasses.map((name, channel) => [name, quantised(sums[channel], field)]),
  ) as Record<NetworkClass, Uint16Array>;
  return { width, height, box, exposure, values };
}

/** Means of the two looks in thousandths; 0 outside the field. */
function quantised(sum: Float32Array, field: Uint8Array): Uint16Array {
  return Uint16Array.from(sum, (value, p) =>
    field[p] === 0 ? 0 : Math.round(Math.min(1, value / 2) * probabilitySteps),
  );
}

function unusable(path: string, cause?: unknown): Failure {
  return new Failure('model-unsupported', `${path} does not answer as a lesion network`, {
    subject: path,
    hint: 'Use a network made by medlocker train-lesions.',
    cause,
  });
}

/** The tile's part of the view (or of its mirror image), one channel after the other; zeros beyond the view. */
function cut(
  { width, height, data }: NetworkView,
  { x, y, rows, columns }: Tile,
  mirrored: boolean,
): Float32Array {
  const out = new Float32Array(viewChannels * rows * columns);
  for (let row = 0; row < Math.min(rows, height - y); row++) {
    for (let column = 0; column < Math.min(columns, width - x); column++) {
      const place = mirrored ? width - 1 - x - column : x + column;
      const from = ((y + row) * width + place) * viewChannels;
      for (let c = 0; c < viewChannels; c++) out[(c * rows + row) * columns + column] = data[from + c];
    }
  }
  return out;
}

/** Adds the tile's inner part to the whole map. */
function add(
  answer: Float32Array,
  channel: number,
  { x, y, rows, columns, inner }: Tile,
  sum: Float32Array,
  width: number,
  mirrored: boolean,
): void {
  for (let row = inner.y; row < inner.y + inner.height; row++) {
    for (let column = inner.x; column < inner.x + inner.width; column++) {
      const p = answer[(channel * rows + row - y) * columns + column - x];
      const place = row * width + (mirrored ? width - 1 - column : column);
      // A network that answers with no number at a place is taken as sure: the zone grows, it never shrinks.
      sum[place] += Number.isFinite(p) ? Math.min(1, Math.max(0, p)) : 2;
    }
  }
}
