import type { Raster, Raster8 } from './raster.ts';

/** 8-bit RGB turned clockwise around its centre, same size, bilinear; what comes from outside is black. */
export function rotate(picture: Raster, degrees: number): Raster8 {
  const { width, height, data } = picture;
  const out = new Uint8ClampedArray(width * height * 3);
  const angle = (degrees * Math.PI) / 180;
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const cx = (width - 1) / 2;
  const cy = (height - 1) / 2;
  const sample = (x: number, y: number, c: number): number =>
    x < 0 || y < 0 || x >= width || y >= height ? 0 : data[(y * width + x) * 3 + c];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      // Turned back by the angle (y points down, so this is counter-clockwise on the screen).
      const sx = cx + cos * (x - cx) + sin * (y - cy);
      const sy = cy - sin * (x - cx) + cos * (y - cy);
      const x0 = Math.floor(sx);
      const y0 = Math.floor(sy);
      if (x0 < -1 || y0 < -1 || x0 >= width || y0 >= height) continue;
      const fx = sx - x0;
      const fy = sy - y0;
      for (let c = 0; c < 3; c++) {
        const upper = sample(x0, y0, c) * (1 - fx) + sample(x0 + 1, y0, c) * fx;
        const lower = sample(x0, y0 + 1, c) * (1 - fx) + sample(x0 + 1, y0 + 1, c) * fx;
        out[(y * width + x) * 3 + c] = upper * (1 - fy) + lower * fy;
      }
    }
  }
  return { width, height, channels: 3, bitDepth: 8, data: new Uint8Array(out.buffer) };
}
