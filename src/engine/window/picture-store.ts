import { createHash } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Picture } from '../../shared/contract/handles.ts';
import type { Raster8 } from '../../ml/imaging/raster.ts';

export interface PictureOptions {
  /** Size of the image that the picture stands for, where the raster is smaller than it (overlays, previews). */
  readonly of?: { readonly width: number; readonly height: number } | undefined;
  /** Pixels that must be exact (overlays, the lossless before and after); else WebP at quality 88. */
  readonly lossless?: boolean | undefined;
  /** Longest side of level 0; larger rasters are reduced first. */
  readonly largest?: number | undefined;
}

/** Shortest level: below it nothing is gained. */
const smallest = 200;

/** Of all files together: some eighty pairs of 12 megapixels. The pictures not asked for the longest are removed first. */
const mostBytes = 3 * 2 ** 30;

/**
 * Pictures for the window as files `<folder>/<id>/<level>.webp|png`, each level half of the one before, which main serves by id.
 * The id is a hash of `key`, so that the same key asked for twice is made once; a key must name its pixels for ever
 * (content hash, not path).
 */
export class PictureStore {
  readonly #folder: string;
  readonly #mostBytes: number;
  /** Asked for last comes last. */
  readonly #made = new Map<string, Promise<Picture>>();
  readonly #bytes = new Map<string, number>();

  private constructor(folder: string, most: number) {
    this.#folder = folder;
    this.#mostBytes = most;
  }

  /** Empties the folder: pictures live as long as the engine. */
  static async open(folder: string, most = mostBytes): Promise<PictureStore> {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return new PictureStore(folder, most);
  }

  /** @param pixels called when the picture is not there yet; 1, 3 or 4 channels, upright */
  make(key: string, pixels: () => Promise<Raster8>, options: PictureOptions = {}): Promise<Picture> {
    const id = createHash('sha256')
      .update(JSON.stringify([key, options]))
      .digest('hex')
      .slice(0, 32);
    const known = this.#made.get(id);
    if (known !== undefined) {
      this.#made.delete(id);
      this.#made.set(id, known);
      return known;
    }
    const making = pixels().then((raster) => this.#write(id, raster, options));
    this.#made.set(id, making);
    making.catch(() => this.#made.delete(id));
    return making;
  }

  async #write(id: string, raster: Raster8, options: PictureOptions): Promise<Picture> {
    const levels = levelsOf(raster, options.largest ?? Infinity);
    const building = join(this.#folder, `${id}.part`);
    await mkdir(building, { recursive: true, mode: 0o700 });
    const { width, height, channels } = raster;
    const lossless = options.lossless === true;
    const write = async (size: Size, level: number): Promise<number> => {
      const picture = sharp(raster.data, { raw: { width, height, channels }, limitInputPixels: false });
      if (size.width !== width || size.height !== height) {
        picture.resize(size.width, size.height, { fit: 'fill', kernel: 'lanczos3' });
      }
      // Level 1 takes a fifth of the time of level 3 for files half as large again, and these live for a session.
      const file = lossless
        ? await picture.png({ compressionLevel: 1 }).toBuffer()
        : await picture.webp({ quality: 88, effort: 2 }).toBuffer();
      await writeFile(join(building, `${level}.${lossless ? 'png' : 'webp'}`), file, { mode: 0o600 });
      return file.length;
    };
    const bytes = await Promise.all(levels.map(write));
    await rename(building, join(this.#folder, id));
    this.#bytes.set(
      id,
      bytes.reduce((sum, one) => sum + one, 0),
    );
    await this.#makeRoom(id);
    return { id, width: options.of?.width ?? width, height: options.of?.height ?? height, levels };
  }

  async #makeRoom(newest: string): Promise<void> {
    let sum = [...this.#bytes.values()].reduce((total, one) => total + one, 0);
    for (const id of this.#made.keys()) {
      if (sum <= this.#mostBytes) return;
      const bytes = this.#bytes.get(id);
      if (bytes === undefined || id === newest) continue;
      sum -= bytes;
      this.#made.delete(id);
      this.#bytes.delete(id);
      await rm(join(this.#folder, id), { recursive: true, force: true });
    }
  }
}

interface Size {
  readonly width: number;
  readonly height: number;
}

function levelsOf(raster: Raster8, largest: number): Size[] {
  let scale = Math.min(1, largest / Math.max(raster.width, raster.height));
  const levels = [];
  do {
    levels.push({
      width: Math.max(1, Math.round(raster.width * scale)),
      height: Math.max(1, Math.round(raster.height * scale)),
    });
    scale /= 2;
  } while (Math.max(raster.width, raster.height) * scale >= smallest);
  return levels;
}
