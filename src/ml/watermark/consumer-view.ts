import type { ConsumerPipeline } from '../imaging/pipelines.ts';
import type { Box, FloatImage } from '../imaging/plane.ts';
import { planResample, resample, resampleAdjoint, type ResamplePlan } from '../imaging/resample.ts';
import type { Disturbance } from './disturbance.ts';
import { addResampledChange } from './local-resample.ts';
import { type PlacedWorkStamp, toRaster8, visitInk } from './work-image.ts';

/**
 * One consumer pipeline in front of one grader. Linear pipelines (a resize, a crop) are applied to the float image and
 * differentiated exactly. The others run on the 8-bit image as they would on a file, and their derivative is taken to
 * be that of the plain resize (BPDA, Athalye et al., ICML 2018).
 */
export class ConsumerView {
  readonly #pipeline: ConsumerPipeline;
  readonly #width: number;
  readonly #height: number;
  readonly #linear: ResamplePlan | null;
  readonly #backward: ResamplePlan;

  constructor(pipeline: ConsumerPipeline, host: FloatImage, fieldOfView: Box, width: number, height: number) {
    this.#pipeline = pipeline;
    this.#width = width;
    this.#height = height;
    this.#linear = pipeline.linearPlan({ width: host.width, height: host.height }, fieldOfView, {
      width,
      height,
    });
    this.#backward = this.#linear ?? planResample(host.width, host.height, width, height, 'bilinear');
  }

  /** The grader's input for an image of the host's size. */
  async render(image: FloatImage): Promise<FloatImage> {
    if (this.#linear) return resample(this.#linear, image);
    return this.#pipeline.apply(toRaster8(image), { width: this.#width, height: this.#height });
  }

  /** True when `renderChange` works: the input follows linearly from the image. */
  get linear(): boolean {
    return this.#linear !== null;
  }

  /** The grader's input after one more stamp is blended onto `image`, from `base = render(image)`. */
  renderChange(base: FloatImage, image: FloatImage, placed: PlacedWorkStamp): FloatImage {
    if (!this.#linear) throw new Error(`${this.#pipeline.id} is not linear`);
    const { width, height, ink } = placed.stamp;
    const change: FloatImage = { width, height, channels: 3, data: new Float32Array(width * height * 3) };
    visitInk(image, placed, (source, target, opacity) => {
      for (let c = 0; c < 3; c++) {
        change.data[source * 3 + c] = opacity * (ink[source * 3 + c] - image.data[target + c]);
      }
    });
    return addResampledChange(this.#linear, base, change, placed.x, placed.y);
  }

  /** The input after the pipeline and a disturbance of it: crop with shift and zoom, then noise. */
  async renderDisturbed(image: FloatImage, disturbance: Disturbance): Promise<FloatImage> {
    const seen = resample(this.#jitter(disturbance), await this.render(image));
    disturbance.addNoise(seen.data);
    return seen;
  }

  /** Adds the derivative with respect to the image, from one with respect to the disturbed input. */
  pullBack(gradient: FloatImage, disturbance: Disturbance, into: Float32Array): void {
    const pulled = resampleAdjoint(this.#backward, resampleAdjoint(this.#jitter(disturbance), gradient)).data;
    for (let i = 0; i < into.length; i++) into[i] += pulled[i];
  }

  #jitter({ zoom, shiftX, shiftY }: Disturbance): ResamplePlan {
    const width = this.#width * zoom;
    const height = this.#height * zoom;
    const box = { x: (this.#width - width) * shiftX, y: (this.#height - height) * shiftY, width, height };
    return planResample(this.#width, this.#height, this.#width, this.#height, 'bilinear', box);
  }
}
