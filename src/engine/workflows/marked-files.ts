import { loadAnnotations } from '../../ml/lesions/annotations/load-annotations.ts';
import { networkClasses, type NetworkClass } from '../../ml/lesions/network/lesion-classes.ts';
import {
  lesionSample,
  type LesionSample,
  type MarkedPhotograph,
} from '../../ml/lesions/network/training/lesion-sample.ts';
import { markedPhotograph } from '../../ml/lesions/network/training/marked-folder.ts';
import { Failure } from '../../shared/failure.ts';
import { describeError } from '../jobs/run-items.ts';
import { scanSource } from '../jobs/scan.ts';

/** A photograph with masks, brought to the network's scale. Whole ones take five times the memory and are read again. */
export interface MarkedFile {
  readonly name: string;
  readonly sample: LesionSample;
  /** Classes that its masks show at least one pixel of. */
  readonly shown: ReadonlySet<NetworkClass>;
  readonly photograph: () => Promise<MarkedPhotograph>;
}

export interface UnusableFile {
  readonly path: string;
  readonly code: string;
  readonly reason: string;
  readonly hint: string | undefined;
}

/** Samples are kept in memory, 20 MB each. */
const mostImages = 200;

/**
 * The photographs of a folder that have usable masks, and why the others have none.
 * @throws Failure annotation-mismatch when not one can be used, settings-invalid for more than memory holds, cancelled
 */
export async function readMarkedFiles(
  request: { readonly source: string; readonly masks: string },
  paths: { readonly source: string; readonly onlyFile: string | undefined },
  signal: AbortSignal | undefined,
): Promise<{ marked: MarkedFile[]; failures: UnusableFile[] }> {
  const source = await loadAnnotations(request.masks);
  const { files } = await scanSource(paths.source, { onlyFile: paths.onlyFile, signal });
  // Masks often lie beside the photographs; those with a class at the end of their name are no photographs.
  const images = files.filter(({ path }) => !/_(MA|HE|EX|SE|OD)\.png$/i.test(path));
  const marked: MarkedFile[] = [];
  const failures: UnusableFile[] = [];
  for (const file of images) {
    if (signal?.aborted === true) throw new Failure('cancelled', 'training was cancelled');
    const photograph = (): Promise<MarkedPhotograph> => markedPhotograph(file, source);
    try {
      const whole = await photograph();
      const shown = networkClasses.filter((name) => whole.masks[name]?.data.includes(1) ?? false);
      marked.push({ name: whole.name, sample: lesionSample(whole), shown: new Set(shown), photograph });
    } catch (error) {
      failures.push({ path: file.path, ...describeError(error, file.path) });
    }
    if (marked.length > mostImages) throw tooMany(request.source);
  }
  if (marked.length === 0) throw noneUsable(request, images.length, failures);
  return { marked, failures };
}

function tooMany(source: string): Failure {
  return new Failure('settings-invalid', `more than ${mostImages} images with masks do not fit into memory`, {
    subject: source,
    hint: `Train on a folder of at most ${mostImages} images, chosen at random.`,
  });
}

function noneUsable(
  { source, masks }: { readonly source: string; readonly masks: string },
  images: number,
  failures: readonly UnusableFile[],
): Failure {
  const [first] = failures;
  return new Failure(
    'annotation-mismatch',
    images === 0 ? `${source} holds no image` : `no image can be used: ${first.path}: ${first.reason}`,
    {
      subject: masks,
      hint:
        (images === 0 ? undefined : first.hint) ??
        'Name a folder of photographs and a folder of their masks.',
    },
  );
}
