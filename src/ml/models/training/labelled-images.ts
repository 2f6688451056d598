/** Images of one size with a class each, loaded when asked for; what training and evaluation read from. */
export interface LabelledImages {
  readonly count: number;
  /** Height and width in pixels. */
  readonly side: number;
  readonly classes: number;
  /** Class of every image, 0..classes-1. */
  readonly labels: ArrayLike<number>;
  /** Name of an image for messages. */
  name(index: number): string;
  /** RGB samples of one image, side * side * 3, row-major; the caller does not change them. */
  pixels(index: number): Promise<Uint8Array>;
}

/** Images that already lie in memory, one after the other in `pixels`. Throws RangeError where sizes do not fit. */
export function imagesInMemory(
  side: number,
  classes: number,
  labels: ArrayLike<number>,
  pixels: Uint8Array,
): LabelledImages {
  const size = side * side * 3;
  if (pixels.length !== labels.length * size) {
    throw new RangeError(`${pixels.length} samples for ${labels.length} images of ${size}`);
  }
  const wrong = Array.from(labels).findIndex(
    (label) => !(Number.isInteger(label) && label >= 0 && label < classes),
  );
  if (wrong >= 0)
    throw new RangeError(`image ${wrong} has label ${labels[wrong] ?? ''}, expected 0..${classes - 1}`);
  return {
    count: labels.length,
    side,
    classes,
    labels,
    name: (index) => `image ${index}`,
    pixels: (index) => Promise.resolve(pixels.subarray(index * size, (index + 1) * size)),
  };
}
