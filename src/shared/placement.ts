import { z } from 'zod';

/** One mark in an image, in host pixels; what the certificate's parameter list holds per mark. */
export const placementSchema = z.strictObject({
  x: z.int().min(0),
  y: z.int().min(0),
  width: z.int().min(1),
  height: z.int().min(1),
  /** Degrees, clockwise. */
  rotation: z.number(),
  /** Cap a of the opacity, 0..255. */
  opacity: z.int().min(0).max(255),
  /** Largest deviation of the ink from its plain colour, 0..255. */
  texture: z.int().min(0).max(255),
  /** Inked pixels. */
  area: z.int().min(1),
  /** SHA-256 of the rendered stamp: opacity bytes, then ink bytes. */
  stampSha256: z.string().regex(/^[0-9a-f]{64}$/),
});

export type Placement = z.infer<typeof placementSchema>;
