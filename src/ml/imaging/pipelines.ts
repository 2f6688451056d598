import { Failure } from '../../shared/failure.ts';
import type { Box, FloatImage } from './plane.ts';
import type { Raster } from './raster.ts';
import { composePlans, planResample, resampleRows } from './resample.ts';
import type { ResamplePlan } from './resample.ts';
import { parseStep } from './pipeline-steps.ts';
import type { PipelineStep, Size } from './pipeline-steps.ts';
import { floatRowsOf, toRgb8 } from './to-rgb.ts';

/** What somebody does to a picture between getting the file and asking a grader. */
export interface ConsumerPipeline {
  /** The steps as written, joined by '+'; `direct` for none. */
  readonly id: string;
  /** Whether the whole chain is linear in the samples, apart from rounding to 8 bits between steps. */
  readonly linear: boolean;
  /** RGB in [0, 1] at the grader's input size. Every step works on 8-bit RGB, as consumers' programs do; `direct` keeps 16 bits. */
  apply(raster: Raster, target: Size): Promise<FloatImage>;
  /**
   * The chain as one linear map from a source of that size, or null where it is not linear. `fieldOfView` is the box
   * `crop:fov` cuts to; without it the whole frame is taken.
   */
  linearPlan(source: Size, fieldOfView: Box | null, target: Size): ResamplePlan | null;
}

/**
 * Parses a pipeline: steps joined by '+'. `direct`; `jpeg:Q` (1..100); `resize:S[:bilinear|bicubic|area]` squeezes to a square
 * of S pixels, `resize:P%[:kernel]` scales both sides; `crop:centre`, `crop:fov`; `median:K` (3, 5, 7, 9); `rotate:DEG`
 * (-45..45); `graham`. After the last step the picture is always squeezed to the grader's input, antialiased bilinear.
 * @throws Failure `settings-invalid` naming the step that is not understood.
 */
export function parsePipeline(id: string): ConsumerPipeline {
  const parts = id.split('+').map((part) => part.trim());
  if (parts.length > 8) {
    throw new Failure('settings-invalid', `pipeline "${id}" has more than 8 steps`, {
      subject: id,
      hint: grammarHint,
    });
  }
  const steps: PipelineStep[] = [];
  for (const part of parts) {
    if (part === 'direct') continue;
    const step = parseStep(part);
    if (step === undefined) {
      throw new Failure('settings-invalid', `pipeline "${id}": the step "${part}" is not known`, {
        subject: id,
        hint: grammarHint,
      });
    }
    steps.push(step);
  }
  return {
    id: steps.length === 0 ? 'direct' : steps.map((step) => step.id).join('+'),
    linear: steps.every((step) => step.plan !== undefined),
    apply: (raster, target) => applySteps(steps, raster, target),
    linearPlan: (source, fieldOfView, target) => planSteps(steps, source, fieldOfView, target),
  };
}

const grammarHint =
  'Join steps by +: direct, jpeg:75, resize:224:bicubic, resize:50%, crop:centre, crop:fov, median:3, rotate:5, graham.';

async function applySteps(steps: readonly PipelineStep[], raster: Raster, target: Size): Promise<FloatImage> {
  if (steps.length === 0) return squeeze(raster, target);
  const { width, height, data } = toRgb8(raster);
  let picture: Raster = { width, height, channels: 3, bitDepth: 8, data };
  for (const step of steps) picture = await step.apply(picture);
  return squeeze(picture, target);
}

function squeeze(raster: Raster, target: Size): FloatImage {
  const plan = planResample(raster.width, raster.height, target.width, target.height, 'bilinear');
  return resampleRows(plan, 3, floatRowsOf(raster));
}

function planSteps(
  steps: readonly PipelineStep[],
  source: Size,
  fieldOfView: Box | null,
  target: Size,
): ResamplePlan | null {
  let size = source;
  let field = fieldOfView;
  const plans: ResamplePlan[] = [];
  // A crop is not a plan of its own: it becomes the source box of the resize that follows it.
  let crop: Box | undefined;
  const push = (output: Size, kernel: 'bilinear' | 'bicubic' | 'area'): void => {
    plans.push(planResample(size.width, size.height, output.width, output.height, kernel, crop, true));
    size = output;
    crop = undefined;
  };
  for (const step of steps) {
    if (step.plan === undefined) return null;
    const current = crop ?? { x: 0, y: 0, width: size.width, height: size.height };
    const planned = step.plan(current, field);
    if (planned.kind === 'crop') {
      crop = { ...planned.box, x: current.x + planned.box.x, y: current.y + planned.box.y };
      field = field === null ? null : shift(field, planned.box, 1, 1);
    } else {
      field =
        field === null
          ? null
          : shift(
              field,
              { ...current, x: 0, y: 0 },
              planned.size.width / current.width,
              planned.size.height / current.height,
            );
      push(planned.size, planned.kernel);
    }
  }
  push(target, 'bilinear');
  return plans.reduce((first, second) => composePlans(first, second));
}

/** The field's box in the coordinates of the next step's picture. */
function shift(field: Box, origin: Box, scaleX: number, scaleY: number): Box {
  const x = Math.max(0, Math.round((field.x - origin.x) * scaleX));
  const y = Math.max(0, Math.round((field.y - origin.y) * scaleY));
  const right = Math.min(
    Math.round(origin.width * scaleX),
    Math.round((field.x - origin.x + field.width) * scaleX),
  );
  const bottom = Math.min(
    Math.round(origin.height * scaleY),
    Math.round((field.y - origin.y + field.height) * scaleY),
  );
  return { x, y, width: Math.max(1, right - x), height: Math.max(1, bottom - y) };
}

/** Pipelines offered by name in `--help`, each with one sentence. */
export const namedPipelines: readonly { readonly id: string; readonly explanation: string }[] = [
  { id: 'direct', explanation: "The file as it is, squeezed to the grader's input with antialiasing." },
  { id: 'jpeg:75', explanation: 'Saved as JPEG at quality 75 (4:2:0), as web sites and messengers do.' },
  { id: 'jpeg:90', explanation: 'Saved as JPEG at quality 90 (4:2:0), as image editors do.' },
  {
    id: 'resize:224',
    explanation: 'Squeezed to a square of 224 pixels and stored in 8 bits (also :bicubic, :area).',
  },
  {
    id: 'resize:299',
    explanation: 'Squeezed to a square of 299 pixels and stored in 8 bits (also :bicubic, :area).',
  },
  {
    id: 'resize:512',
    explanation: 'Squeezed to a square of 512 pixels and stored in 8 bits (also :bicubic, :area).',
  },
  { id: 'resize:50%', explanation: 'Both sides halved and stored in 8 bits, the aspect kept.' },
  { id: 'crop:centre', explanation: 'Cut to the largest centred square.' },
  { id: 'crop:fov', explanation: 'Cut to the bounds of the illuminated disc, as most training scripts do.' },
  { id: 'median:3', explanation: 'Median filter of 3 x 3 pixels, a usual denoiser.' },
  { id: 'rotate:5', explanation: 'Turned by 5 degrees clockwise around the centre, corners black.' },
  {
    id: 'graham',
    explanation:
      "Ben Graham's preprocessing (Kaggle 2015): scaled to radius 300, local average subtracted, disc clipped.",
  },
  {
    id: 'jpeg:75+resize:299:bicubic',
    explanation: 'An example of a chain: JPEG at quality 75, then squeezed to 299 pixels.',
  },
];
