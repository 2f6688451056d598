import { join } from 'node:path';
import { findFieldOfView, type FieldOfView } from '../../../ml/imaging/field-of-view.ts';
import type { Raster, Raster8 } from '../../../ml/imaging/raster.ts';
import { readImage } from '../../../ml/imaging/read-image.ts';
import type { ForbiddenZone } from '../../../ml/lesions/zone.ts';
import type { ProtectJob } from '../../../shared/protect-job.ts';
import { Failure } from '../../../shared/failure.ts';
import { openProtectInputs, type ProtectInputs } from '../../workflows/protect-inputs.ts';
import { Latest } from '../latest.ts';
import { reducedMask, reducedRaster, shownRaster } from '../shown-raster.ts';
import { versionOf } from '../source/thumbnail.ts';

/** Longest side of a preview in pixels: graders see less, and a search over it is quick. */
const previewSide = 560;

/** Longest side of the copy on which the zone of a large photograph is found. */
const zoneSide = 1280;

/** One image ready for previews. */
export interface PreviewImage {
  /** Names the pixels for ever. */
  readonly key: string;
  readonly path: string;
  readonly size: { readonly width: number; readonly height: number };
  readonly orientation: number;
  /** As stored, at full size: zones are made on it. */
  readonly original: Raster;
  readonly small: Raster8;
  readonly smallField: FieldOfView;
}

/** What previews of several settings share: decoded images, zones and open graders. */
export class PreviewSource {
  readonly #images = new Latest<PreviewImage>(2);
  readonly #zones = new Latest<ForbiddenZone>(6);
  readonly #inputs = new Latest<ProtectInputs>(1, (inputs) => inputs.dispose());

  image(folder: string, path: string): Promise<PreviewImage> {
    const file = join(folder, ...path.split('/'));
    return versionOf(file)
      .catch((cause: unknown) => {
        throw new Failure('image-unreadable', `${path} is not there any more`, { subject: path, cause });
      })
      .then((key) => this.#images.get(key, () => openImage(file, path, key)));
  }

  /** Graders, logo, labels and annotations; opened anew only where one of them is another. */
  inputs(job: ProtectJob): Promise<ProtectInputs> {
    const { surrogates, logo, labels, annotations, threads } = job;
    const zone = zoneSettings(job);
    return this.#inputs.get(JSON.stringify([surrogates, logo, labels, annotations, threads, zone]), () =>
      // Victims only measure: a preview asks the surrogates.
      openProtectInputs({ ...job, victims: [] }),
    );
  }

  /** The forbidden zone at the size of the preview. */
  zone(image: PreviewImage, job: ProtectJob, inputs: ProtectInputs): Promise<ForbiddenZone> {
    return this.#zones.get(JSON.stringify([image.key, zoneSettings(job)]), async () => {
      const { path, small } = image;
      const original = isScalable(job) ? await forZone(image) : image.original;
      const fieldOfView = findFieldOfView(original);
      const { zone } = await inputs.zoneOf({ path, original, fieldOfView, label: inputs.gradeOf(path) });
      return { ...zone, mask: reducedMask(zone.mask, small) };
    });
  }

  close(): void {
    this.#inputs.clear();
  }
}

/** Annotations and a margin in pixels fit the photograph's own size only. */
function isScalable({ annotations, dilation }: ProtectJob): boolean {
  return annotations === null && dilation === null;
}

/** A large photograph's zone is found on a copy that is still larger than what network and landmarks look at: seconds less. */
async function forZone({ original }: PreviewImage): Promise<Raster> {
  if (Math.max(original.width, original.height) <= zoneSide) return original;
  return reducedRaster(shownRaster(original, 1), zoneSide);
}

/** What the zone depends on besides the image. */
function zoneSettings(job: ProtectJob) {
  const { annotations, zoneSource, dilation, landmarks, allowUnannotated, camThreshold, lesionNetwork } = job;
  return { annotations, zoneSource, dilation, landmarks, allowUnannotated, camThreshold, lesionNetwork };
}

async function openImage(file: string, path: string, key: string): Promise<PreviewImage> {
  const { raster: original, metadata } = await readImage(file);
  const small = await reducedRaster(shownRaster(original, 1), previewSide);
  return {
    key,
    path,
    size: { width: original.width, height: original.height },
    orientation: metadata.orientation,
    original,
    small,
    smallField: findFieldOfView(small),
  };
}
