/** Places in the plane: x, y pairs, in units in which the response's correlation length is known. */
export type Places = Float64Array;

/** What is believed of a response before anything is measured. */
export interface ResponsePrior {
  readonly mean: number;
  /** Independent parts that add up to the response. */
  readonly parts: readonly ResponsePart[];
  /** Standard deviation of what the parts leave unexplained. */
  readonly noiseDeviation: number;
}

export interface ResponsePart {
  readonly deviation: number;
  /** Distance, in the places' units, at which two places still correlate by exp(-1/2); Infinity for a level all share. */
  readonly correlationLength: number;
}

/**
 * Gaussian-process regression (Rasmussen and Williams, 2006, ch. 2) of a response over a finite set of places, a sum of
 * squared exponential kernels. Conditioning is sequential: each measured place costs one pass over all
 * places and over the ones measured before, so that no matrix is ever inverted.
 */
export class ResponseModel {
  readonly mean: Float64Array;
  readonly variance: Float64Array;
  readonly #places: Places;
  readonly #prior: ResponsePrior;
  /** For every conditioned place, its covariance with all places given those before, over its deviation. */
  readonly #columns: { readonly place: number; readonly values: Float64Array; readonly deviation: number }[] =
    [];
  /** Conditioned places whose response is known already. */
  #observed = 0;

  constructor(places: Places, prior: ResponsePrior) {
    const count = places.length / 2;
    this.#places = places;
    this.#prior = prior;
    this.mean = new Float64Array(count).fill(prior.mean);
    this.variance = new Float64Array(count).fill(
      prior.parts.reduce((sum, { deviation }) => sum + deviation ** 2, 0),
    );
  }

  /** Announces a measurement at a place: the variance shrinks at once, the mean follows with `observe`. */
  condition(place: number): void {
    const { parts, noiseDeviation } = this.#prior;
    const count = this.mean.length;
    const values = new Float64Array(count);
    const [x, y] = [this.#places[place * 2], this.#places[place * 2 + 1]];
    for (let i = 0; i < count; i++) {
      const distance = (this.#places[i * 2] - x) ** 2 + (this.#places[i * 2 + 1] - y) ** 2;
      for (const { deviation, correlationLength } of parts) {
        values[i] += deviation ** 2 * Math.exp(-distance / (2 * correlationLength ** 2));
      }
    }
    for (const column of this.#columns) {
      const weight = column.values[place];
      for (let i = 0; i < count; i++) values[i] -= weight * column.values[i];
    }
    const deviation = Math.sqrt(Math.max(values[place], 0) + noiseDeviation ** 2);
    for (let i = 0; i < count; i++) {
      values[i] /= deviation;
      this.variance[i] = Math.max(0, this.variance[i] - values[i] ** 2);
    }
    this.#columns.push({ place, values, deviation });
  }

  /** Tells the measured responses of the announced places, in the order they were announced. */
  observe(responses: readonly number[]): void {
    for (const response of responses) {
      const { place, values, deviation } = this.#columns[this.#observed++];
      const surprise = (response - this.mean[place]) / deviation;
      for (let i = 0; i < this.mean.length; i++) this.mean[i] += surprise * values[i];
    }
  }
}
