/** A change of what a grader sees, drawn anew for every gradient (expectation over transformations). */
export interface Disturbance {
  /** Index of the consumer pipeline it goes through. */
  readonly pipeline: number;
  /** The part of the input that is seen: its size as a fraction (zoom), its place in the room left (0..1 each way). */
  readonly shiftX: number;
  readonly shiftY: number;
  readonly zoom: number;
  /** Adds noise to the grader's input in place. */
  addNoise(input: Float32Array): void;
}
