import { z } from 'zod';

/** Opaque: 128 random bits. The window never names a path; it names what a dialog, a drop or the engine has given it. */
export const handleIdSchema = z.string().regex(/^[0-9a-f]{32}$/);

export const pathHandleSchema = z.strictObject({
  id: handleIdSchema,
  kind: z.enum(['file', 'folder']),
  /** Last part of the path. */
  name: z.string(),
  /** The whole path, only to be shown. */
  shown: z.string(),
});

/** An image the protocol serves: `medlocker-image://pixels/<id>/<level>`; level 0 is the largest. */
export const pictureSchema = z.strictObject({
  id: handleIdSchema,
  /** Size of the image itself, upright, in pixels. */
  width: z.int().min(1),
  height: z.int().min(1),
  /** Sizes that are served, largest first; `levels[0]` may be smaller than the image for overlays and previews. */
  levels: z.array(z.strictObject({ width: z.int().min(1), height: z.int().min(1) })).min(1),
});

/** In pixels of the upright image, whole numbers, inside the image. */
export const boxSchema = z.strictObject({
  x: z.int().min(0),
  y: z.int().min(0),
  width: z.int().min(1),
  height: z.int().min(1),
});

export const imageScheme = 'medlocker-image';

/** Address of a picture's level for an `<img>`. */
export function pictureUrl(id: string, level: number): string {
  return `${imageScheme}://pixels/${id}/${level}`;
}

export type PathHandle = z.infer<typeof pathHandleSchema>;
export type Picture = z.infer<typeof pictureSchema>;
export type Box = z.infer<typeof boxSchema>;
