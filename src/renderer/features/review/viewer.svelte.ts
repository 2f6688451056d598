import {
  fitView,
  oneToOne,
  panBy,
  toImage,
  toPane,
  zoomAt,
  type Point,
  type Size,
  type View,
} from './viewport.ts';

export const modes = ['slider', 'sideBySide', 'blink', 'difference'] as const;
export type Mode = (typeof modes)[number];

/** Settings of brightness and contrast a reader switches through, as in a light box. */
export const tones = ['plain', 'bright', 'contrast', 'brightContrast', 'dark'] as const;
export type Tone = (typeof tones)[number];

export const layers = ['lesions', 'disc', 'fovea', 'zone', 'marks'] as const;
export type Layer = (typeof layers)[number];

export const gains = [4, 8, 16, 32] as const;
export const magnifications = [1, 2, 4, 8] as const;

/** Pixels of the screen between two panes that stand side by side. */
const gap = 2;

/** How the image is looked at. Lives on when the image changes, so that the same place of the next one is seen. */
export class Viewer {
  mode = $state<Mode>('slider');
  /** Room for the panes, in CSS pixels. */
  room = $state.raw<Size>({ width: 0, height: 0 });
  image = $state.raw<Size>({ width: 1, height: 1 });
  tone = $state<Tone>('plain');
  redFree = $state(false);
  gain = $state<number>(8);
  /** Where the edge between before and after stands, 0..1 of the pane. */
  edge = $state(0.5);
  /** In blink mode: whether the protected image is shown right now. */
  blinkAfter = $state(true);
  /** Blinks by itself; off for people who asked for less motion. */
  blinking = $state(true);
  overlays = $state.raw<Readonly<Record<Layer, boolean>>>({
    lesions: true,
    disc: false,
    fovea: false,
    zone: false,
    marks: false,
  });
  loupe = $state(false);
  /** Side of the loupe in CSS pixels. */
  loupeSide = $state(240);
  /** Pixels of the screen per pixel of the image, whatever the zoom around it. */
  magnification = $state<number>(2);
  /** Where the pointer is in a pane, in CSS pixels; null where it is elsewhere. */
  pointer = $state.raw<Point | null>(null);
  /** Null: as large as it fits, also when the room changes. */
  #chosen = $state.raw<View | null>(null);
  #hidden: Readonly<Record<Layer, boolean>> | null = null;

  readonly pane = $derived<Size>(
    this.mode === 'sideBySide'
      ? { width: Math.max(0, (this.room.width - gap) / 2), height: this.room.height }
      : this.room,
  );
  readonly view = $derived(this.#chosen ?? fitView(this.image, this.pane));
  readonly fits = $derived(this.#chosen === null);

  /** Another image: the place and zoom stay when it has the same size, else it is fitted. */
  show(image: Size): void {
    if (image.width === this.image.width && image.height === this.image.height) return;
    this.image = { width: image.width, height: image.height };
    this.#chosen = null;
  }

  fit(): void {
    this.#chosen = null;
  }

  oneToOne(devicePixelRatio: number): void {
    this.#chosen = oneToOne(this.view, devicePixelRatio);
  }

  /** @param at pane coordinates that stay where they are; the middle where not given */
  zoom(factor: number, at: Point = middle(this.pane)): void {
    this.#chosen = zoomAt(this.view, factor, at, this.image, this.pane);
  }

  pan(dx: number, dy: number): void {
    this.#chosen = panBy(this.view, dx, dy, this.image);
  }

  /** Brings an image point into the middle when it is not in sight. */
  reveal(point: Point): void {
    const at = toPane(this.view, point, this.pane);
    const inSight = at.x >= 0 && at.y >= 0 && at.x <= this.pane.width && at.y <= this.pane.height;
    if (!inSight) this.#chosen = { ...this.view, x: point.x, y: point.y };
  }

  toImage(at: Point): Point {
    return toImage(this.view, at, this.pane);
  }

  moveEdge(by: number): void {
    this.edge = Math.min(1, Math.max(0, this.edge + by));
  }

  toggle(layer: Layer): void {
    this.#hidden = null;
    this.overlays = { ...this.overlays, [layer]: !this.overlays[layer] };
  }

  /** All overlays away for a look at the bare image, and the same ones back. */
  toggleAll(): void {
    const any = layers.some((layer) => this.overlays[layer]);
    if (any) {
      this.#hidden = this.overlays;
      this.overlays = { lesions: false, disc: false, fovea: false, zone: false, marks: false };
    } else {
      this.overlays = this.#hidden ?? { lesions: true, disc: true, fovea: true, zone: true, marks: true };
      this.#hidden = null;
    }
  }

  nextTone(): void {
    this.tone = tones[(tones.indexOf(this.tone) + 1) % tones.length] ?? 'plain';
  }

  resizeLoupe(by: number): void {
    this.loupeSide = Math.min(640, Math.max(120, this.loupeSide + by));
  }
}

function middle(pane: Size): Point {
  return { x: pane.width / 2, y: pane.height / 2 };
}
