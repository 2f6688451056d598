/**
 * A mark as it is blended: rendered at native resolution with integers only.
 * `opacity` is A(p) in 0..255, 0 outside the silhouette; `ink` is the 8-bit RGB colour L(p), three samples a pixel.
 */
export interface Stamp {
  readonly width: number;
  readonly height: number;
  readonly opacity: Uint8Array;
  readonly ink: Uint8Array;
}

/** A stamp with the host pixel its top-left corner covers. */
export interface PlacedStamp {
  readonly x: number;
  readonly y: number;
  readonly stamp: Stamp;
}
