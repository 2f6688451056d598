/**
 * COCO run lengths of a part of an image: alternating runs of clear and set pixels, column by column, over the whole image.
 * `pixels` are the set pixels' indices (row * width + column) in any order.
 */
export function runLengths(pixels: ArrayLike<number>, width: number, height: number): number[] {
  const places = Float64Array.from(pixels, (p) => (p % width) * height + Math.floor(p / width)).sort();
  const runs: number[] = [];
  let end = 0;
  for (let i = 0; i < places.length;) {
    const start = places[i];
    let next = start + 1;
    i += 1;
    while (i < places.length && places[i] === next) {
      i += 1;
      next += 1;
    }
    runs.push(start - end, next - start);
    end = next;
  }
  if (end < width * height) runs.push(width * height - end);
  return runs;
}
