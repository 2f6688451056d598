import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Real images and graders, which are never part of the project: the folder that MEDLOCKER_DATA names, or `shared` beside the
 * checkout, with `data/` and `weights/dr_graders/` in it. Tests that need them say so in their title:
 * `describe.skipIf(realData === null)(`... (${needsRealData})`, ...)`.
 */
export interface RealData {
  images: string;
  graders: string;
}

export const needsRealData = 'needs real images and graders: set MEDLOCKER_DATA or place them in ../shared';

export const realData: RealData | null = find();

function find(): RealData | null {
  const folder = process.env.MEDLOCKER_DATA ?? join(import.meta.dirname, '..', '..', 'shared');
  const images = join(folder, 'data');
  const graders = join(folder, 'weights', 'dr_graders');
  return existsSync(images) && existsSync(graders) ? { images, graders } : null;
}
