/** Places waiting in the narrow band of a march, nearest first; equal distances leave in the order they came. */
export class BandQueue {
  readonly #heap: { place: number; distance: number; order: number }[] = [];
  #pushed = 0;

  push(place: number, distance: number): void {
    const heap = this.#heap;
    const item = { place, distance, order: this.#pushed++ };
    let index = heap.length;
    heap.push(item);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!precedes(item, heap[parent])) break;
      heap[index] = heap[parent];
      index = parent;
    }
    heap[index] = item;
  }

  /** The nearest place, or undefined when none waits. */
  pop(): number | undefined {
    const heap = this.#heap;
    const first = heap.at(0);
    const last = heap.pop();
    if (first === undefined || last === undefined) return undefined;
    if (heap.length > 0) this.#sink(last);
    return first.place;
  }

  #sink(item: { place: number; distance: number; order: number }): void {
    const heap = this.#heap;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && precedes(heap[child + 1], heap[child])) child += 1;
      if (!precedes(heap[child], item)) break;
      heap[index] = heap[child];
      index = child;
    }
    heap[index] = item;
  }
}

function precedes(a: { distance: number; order: number }, b: { distance: number; order: number }): boolean {
  return a.distance === b.distance ? a.order < b.order : a.distance < b.distance;
}
