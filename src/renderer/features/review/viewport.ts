/** Which part of an image a pane shows. Centre-based, so that panes of one size show the same place from the same value. */
export interface View {
  /** Screen pixels (CSS) per image pixel. */
  readonly scale: number;
  /** Image point in the middle of the pane, in image pixels. */
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

const largestScale = 32;

/** The whole image, as large as it fits. An empty pane gives scale 1, so that nothing divides by zero before layout. */
export function fitView(image: Size, pane: Size): View {
  const scale = Math.min(pane.width / image.width, pane.height / image.height);
  return { scale: scale > 0 ? scale : 1, x: image.width / 2, y: image.height / 2 };
}

/** Zooms by a factor and keeps the image point under `at` (pane coordinates) where it is. */
export function zoomAt(view: View, factor: number, at: Point, image: Size, pane: Size): View {
  const smallest = Math.min(fitView(image, pane).scale, 1) / 2;
  const scale = clamp(view.scale * factor, smallest, largestScale);
  const fixed = toImage(view, at, pane);
  return keepInside(
    {
      scale,
      x: fixed.x - (at.x - pane.width / 2) / scale,
      y: fixed.y - (at.y - pane.height / 2) / scale,
    },
    image,
  );
}

/** One image pixel on one pixel of the screen itself, whatever the desktop's scaling. */
export function oneToOne(view: View, devicePixelRatio: number): View {
  return { ...view, scale: 1 / devicePixelRatio };
}

/** Moves what is shown by screen pixels: a drag to the right shows what lies left. */
export function panBy(view: View, dx: number, dy: number, image: Size): View {
  return keepInside({ ...view, x: view.x - dx / view.scale, y: view.y - dy / view.scale }, image);
}

export function toImage(view: View, at: Point, pane: Size): Point {
  return {
    x: view.x + (at.x - pane.width / 2) / view.scale,
    y: view.y + (at.y - pane.height / 2) / view.scale,
  };
}

export function toPane(view: View, at: Point, pane: Size): Point {
  return {
    x: (at.x - view.x) * view.scale + pane.width / 2,
    y: (at.y - view.y) * view.scale + pane.height / 2,
  };
}

/**
 * Index of the smallest level that still has a pixel for every pixel of the screen; the largest level (0) beyond that.
 * `levels` come largest first, as the protocol serves them.
 */
export function chooseLevel(
  levels: readonly Size[],
  image: Size,
  scale: number,
  devicePixelRatio: number,
): number {
  const needed = image.width * scale * devicePixelRatio;
  // Half a pixel of tolerance: at fit the needed width is often a rounded level width.
  for (let level = levels.length - 1; level > 0; level--) {
    const width = levels[level]?.width ?? 0;
    if (width + 0.5 >= needed) return level;
  }
  return 0;
}

/** The view of a loupe: its magnification is counted in screen pixels per image pixel, not relative to the pane's zoom. */
export function loupeView(at: Point, magnification: number): View {
  return { scale: magnification, x: at.x, y: at.y };
}

/** The centre never leaves the image, so an image cannot be lost out of sight. */
function keepInside(view: View, image: Size): View {
  return { ...view, x: clamp(view.x, 0, image.width), y: clamp(view.y, 0, image.height) };
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

/** Where the image's top left corner is drawn: on a whole device pixel, so that nothing is blurred by half of one. */
export function cornerOf(view: View, pane: Size, density: number): Point {
  const { x, y } = toPane(view, { x: 0, y: 0 }, pane);
  return { x: Math.round(x * density) / density, y: Math.round(y * density) / density };
}
