/** Optic disc or fovea as a circle to protect, in host pixels. */
export interface Landmark {
  readonly name: 'disc' | 'fovea';
  readonly x: number;
  readonly y: number;
  /** Radius to protect, already widened where the position is unsure. */
  readonly radius: number;
  /** 0 (a guess) .. 1 (certain). */
  readonly confidence: number;
}
