import { Failure } from '../../shared/failure.ts';
import { psnr } from '../imaging/image-metrics.ts';
import { parsePipeline } from '../imaging/pipelines.ts';
import { LegalityMap } from '../lesions/legality.ts';
import { createRandom, deriveSeed } from '../random.ts';
import { blend } from './blend.ts';
import { type InkTexture, optimiseInkTexture, type TextureSettings, withTexture } from './ink-texture.ts';
import type { Logo } from './logo.ts';
import { type Layout, layOutMarks, layOutMesh } from './layout.ts';
import { type PlacedMark, placementOf, plainStamp, texturedStamp } from './native-render.ts';
import type { ProtectOutcome, ProtectRequest } from './protected-image.ts';
import { Scene } from './scene.ts';
import type { PlacedStamp } from './stamp.ts';
import { textLogo } from './text-mark.ts';
import { weakened } from './visibility.ts';
import { blendWork, type PlacedWorkStamp, toWorkImage, toWorkStamp } from './work-image.ts';

/** Disturbances a texture step averages over. */
const TEXTURE_SAMPLES = 2;

/**
 * Protects one image: finds room, searches legal placements, optimises the ink texture, and blends at native
 * resolution. A pure function of the request: the same request gives the same samples. Throws the signal's reason when
 * aborted and a Failure for requests that cannot work (no surrogate, a label beyond a surrogate's classes).
 */
export async function protectImage(request: ProtectRequest): Promise<ProtectOutcome> {
  requireUsable(request);
  const started = performance.now();
  const { settings, surrogates, original, fieldOfView } = request;
  const logo = await logoOf(request);
  const graderSide = Math.max(...surrogates.flatMap(({ spec }) => [spec.inputWidth, spec.inputHeight]));
  const work = toWorkImage(original, fieldOfView, graderSide);
  const pipelines = settings.search.pipelines.map(parsePipeline);
  const scene = await Scene.create(work, surrogates, pipelines, request.label);
  const everyPipeline = pipelines.map((_, index) => index);

  const layout = await layOut(request, scene, work.scale, logo);
  if (layout === undefined) return { kind: 'no-room', reason: noRoomReason(request) };

  const plain = layout.marks.map(plainStamp);
  const workStamps: PlacedWorkStamp[] = plain.map(({ x, y, stamp }) => ({
    x: Math.round(x * work.scale),
    y: Math.round(y * work.scale),
    stamp: toWorkStamp(stamp, work.scale),
  }));
  const plainImage = blendWork(scene.host, workStamps);
  const [clean, placed] = await scene.score([scene.host, plainImage], everyPipeline);

  let inks: InkTexture | null = null;
  let textured = placed;
  const texture = textureSettings(request);
  if (texture !== null) {
    const random = createRandom(deriveSeed(settings.seed, 'texture'));
    const ink = await optimiseInkTexture(scene, workStamps, texture, random, request.signal);
    [textured] = await scene.score([blendWork(scene.host, withTexture(workStamps, ink))], everyPipeline);
    if (textured.objective < placed.objective) inks = ink;
    else textured = placed;
  }
  const { marks, stamps } = fitToPsnr(request, layout.marks, (mark, i) =>
    inks === null
      ? plainStamp(mark)
      : texturedStamp(mark, inks[i], workStamps[i].stamp.width, workStamps[i].stamp.height),
  );
  return {
    kind: 'protected',
    protected: blend(original, stamps),
    stamps,
    placements: stamps.map((stamp, i) => placementOf(marks[i], stamp)),
    control: blend(
      original,
      layout.control.map((mark, i) => plainStamp({ ...mark, opacity: marks[i].opacity })),
    ),
    trace: {
      method: settings.search.method,
      forwards: scene.count.forwards,
      gradients: scene.count.gradients,
      objective: { clean: clean.objective, placed: placed.objective, textured: textured.objective },
      seconds: (performance.now() - started) / 1000,
    },
    adapted: { missing: Math.max(0, settings.mark.count - layout.marks.length), size: layout.size },
  };
}

/** Renders the marks and weakens their ink until the image keeps the PSNR the settings ask for. */
function fitToPsnr(
  { original, settings }: ProtectRequest,
  placed: readonly PlacedMark[],
  render: (mark: PlacedMark, index: number) => PlacedStamp,
): { marks: readonly PlacedMark[]; stamps: readonly PlacedStamp[] } {
  const floor = settings.mark.minimumPsnr;
  let marks = placed;
  for (;;) {
    const stamps = marks.map(render);
    const reached = floor === null ? Infinity : psnr(original, blend(original, stamps));
    const weaker = marks.map((mark) => ({ ...mark, opacity: weakened(mark.opacity, reached, floor ?? 0) }));
    if (weaker.every(({ opacity }, i) => opacity === marks[i].opacity)) return { marks, stamps };
    marks = weaker;
  }
}

function requireUsable({ surrogates, label, settings }: ProtectRequest): void {
  if (surrogates.length === 0) {
    throw new Failure('settings-invalid', 'no surrogate grader is given, so nothing can be searched', {
      hint: 'Name at least one grader with --surrogate.',
    });
  }
  for (const { spec } of surrogates) {
    if (label !== null && (label < 0 || label >= spec.classes)) {
      throw new Failure(
        'settings-invalid',
        `grade ${label} is beyond the ${spec.classes} classes of ${spec.name}`,
        {
          subject: spec.name,
          hint: 'Correct the label file or leave the label out.',
        },
      );
    }
  }
  const { minimumOpacity, opacity, minimumSize, size } = settings.mark;
  if (minimumOpacity > opacity || minimumSize > size) {
    throw new Failure('settings-invalid', 'the smallest opacity or size of the mark is above the largest', {
      hint: 'Lower the minimum or raise the opacity or size.',
    });
  }
}

async function logoOf({ logo, settings }: ProtectRequest): Promise<Logo> {
  if (settings.mark.kind !== 'logo') return textLogo(settings.mark.text);
  if (logo !== null) return logo;
  throw new Failure('logo-unusable', 'the mark is a logo, but no logo is given', {
    hint: 'Name one with --logo, or choose a text mark with --text.',
  });
}

function layOut(
  request: ProtectRequest,
  scene: Scene,
  scale: number,
  logo: Logo,
): Promise<Layout | undefined> {
  const { settings } = request;
  const legality = LegalityMap.fromZone(request.zone);
  const texture = textureSettings(request);
  const reserved = texture === null ? 0 : 2 * texture.steps * texture.samples * scene.surrogateCount;
  const verification = 3 * scene.surrogateCount * scene.pipelineCount;
  const budget = Math.max(
    scene.surrogateCount,
    settings.search.budget * scene.surrogateCount - reserved - verification,
  );
  const task = { request, scene, scale, logo, legality, budget };
  return settings.mark.kind === 'tiled-text' ? layOutMesh(task) : layOutMarks(task);
}

/** Null when the mark stays plain; steps are cut so that texture takes at most 80 % of the budget. */
function textureSettings({ settings }: ProtectRequest): TextureSettings | null {
  const { texture: amplitude } = settings.mark;
  const affordable = Math.floor((0.8 * settings.search.budget) / (2 * TEXTURE_SAMPLES));
  const steps = Math.min(settings.search.textureSteps, affordable);
  return amplitude > 0 && steps > 0 ? { amplitude, steps, samples: TEXTURE_SAMPLES } : null;
}

function noRoomReason({ settings }: ProtectRequest): string {
  return settings.mark.kind === 'tiled-text'
    ? 'almost no retina is free of lesions and landmarks'
    : `not even one mark of ${Math.round(settings.mark.minimumSize * 100)} % of the field's diameter fits beside lesions and landmarks`;
}
