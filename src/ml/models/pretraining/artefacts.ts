import type { Random } from '../../random.ts';
import type { View } from './viewpoint.ts';

/**
 * Things on a photograph that are no lesion, whatever the grade: dust and drops on the lens, a ring reflection, flare, specks,
 * drusen. Without them a network takes every bright spot for an exudate.
 */
export function drawArtefacts(view: View, random: Random): void {
  const between = (low: number, high: number): number => low + (high - low) * random.next();
  const anywhere = (): readonly [number, number] => [between(-0.9, 0.9), between(-0.9, 0.9)];
  if (random.next() < 0.4) {
    const radius = between(0.015, 0.06);
    const amount = between(0.06, 0.4);
    const bluish = random.next() < 0.4;
    const colour = bluish ? [0.6, 0.85, 1] : [1, 0.97, 0.88];
    const count = 1 + random.integer(12);
    for (let i = 0; i < count; i++) {
      spot(view, anywhere(), radius * between(0.7, 1.2), amount * between(0.5, 1), colour, 0.25);
    }
  }
  if (random.next() < 0.15) ring(view, [between(-0.25, 0.25), between(-0.2, 0.2)], random);
  if (random.next() < 0.12) spot(view, anywhere(), between(0.15, 0.5), between(0.15, 0.6), [1, 0.95, 0.9], 1);
  if (random.next() < 0.12) {
    const count = 1 + random.integer(6);
    for (let i = 0; i < count; i++) {
      spot(view, anywhere(), between(0.004, 0.012), between(0.4, 0.9), [0.05, 0.05, 0.05], 0.4);
    }
  }
  if (random.next() < 0.12) {
    const centre = [between(-0.3, 0.3), between(-0.2, 0.2)] as const;
    const count = 5 + random.integer(30);
    for (let i = 0; i < count; i++) {
      const at = [centre[0] + 0.2 * random.normal(), centre[1] + 0.2 * random.normal()] as const;
      spot(view, at, between(0.006, 0.02), between(0.08, 0.3), [1, 0.9, 0.6], 0.8);
    }
  }
  if (random.next() < 0.05) {
    const count = 20 + random.integer(60);
    for (let i = 0; i < count; i++) {
      spot(view, anywhere(), between(0.006, 0.015), between(0.2, 0.5), [0.25, 0.6, 0.55], 0.5);
    }
  }
}

/** Mixes a disc of a colour in; `softness` is the edge's width relative to the radius. Centre and radius in half sides. */
function spot(
  { side, colours, field }: View,
  [u, v]: readonly [number, number],
  radius: number,
  amount: number,
  colour: readonly number[],
  softness: number,
): void {
  const half = side / 2;
  const reach = Math.max(0.7, radius * half);
  const edge = Math.max(softness, 1 / reach);
  const outer = reach * (1 + edge) + 1;
  const [cx, cy] = [half + u * half, half + v * half];
  for (let y = Math.max(0, Math.floor(cy - outer)); y <= Math.min(side - 1, Math.ceil(cy + outer)); y++) {
    for (let x = Math.max(0, Math.floor(cx - outer)); x <= Math.min(side - 1, Math.ceil(cx + outer)); x++) {
      const distance = Math.hypot(x - cx, y - cy) / reach;
      const p = y * side + x;
      const covered = amount * field[p] * Math.min(1, Math.max(0, (1 + edge - distance) / (2 * edge)));
      for (let c = 0; c < 3; c++) colours[p * 3 + c] += covered * ((colour[c] ?? 0) - colours[p * 3 + c]);
    }
  }
}

function ring(view: View, [u, v]: readonly [number, number], random: Random): void {
  const radius = 0.02 + 0.06 * random.next();
  const amount = 0.1 + 0.3 * random.next();
  const colour = [0.75, 0.8, 1];
  for (let i = 0; i < 24; i++) {
    const angle = (i / 24) * 2 * Math.PI;
    const at = [u + radius * Math.cos(angle), v + radius * Math.sin(angle)] as const;
    spot(view, at, radius * 0.28, amount * 0.5, colour, 0.7);
  }
}
