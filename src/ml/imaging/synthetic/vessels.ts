import type { Random } from '../../random.ts';
import type { Eye, Spot } from './eye.ts';

/** A vessel as a chain of points with the half-width at each, in field radii. */
export interface Vessel {
  readonly kind: 'artery' | 'vein';
  readonly points: readonly (Spot & { readonly halfWidth: number })[];
}

interface Growth {
  readonly kind: Vessel['kind'];
  readonly start: Spot;
  readonly heading: number;
  readonly halfWidth: number;
  readonly length: number;
  /** Branchings still allowed. */
  readonly order: number;
  /** A point the vessel slowly turns to, or away from. */
  readonly pull: Spot & { readonly strength: number };
}

const step = 0.012;

/**
 * The retinal vessel tree: temporal arcades that arch around the macula, nasal vessels, twigs towards the fovea that stop at
 * its avascular zone, each with side branches. `beading` (0..1) modulates the width of the veins.
 */
export function growVessels(eye: Eye, random: Random, beading: number): Vessel[] {
  const vessels: Vessel[] = [];
  for (const kind of ['vein', 'artery'] as const) {
    for (const vertical of [-1, 1] as const) {
      const trunk = arcade(eye, kind, vertical, random, vessels);
      nasal(eye, kind, vertical, trunk, random, vessels);
    }
  }
  const twigs = 3 + random.integer(3);
  for (let i = 0; i < twigs; i++) macularTwig(eye, random, vessels);
  return beading === 0
    ? vessels
    : vessels.map((vessel) => (vessel.kind === 'vein' ? bead(vessel, beading, random) : vessel));
}

function calibre(kind: Vessel['kind'], random: Random): number {
  return (kind === 'vein' ? 0.0104 : 0.0074) * (0.85 + 0.3 * random.next());
}

/**
 * An ellipse around the fovea that starts vertically at the disc, with wobble; opens slightly towards the temporal side and
 * thins out. Returns the point near the disc's rim where the nasal vessel parts from it.
 */
function arcade(eye: Eye, kind: Vessel['kind'], vertical: 1 | -1, random: Random, out: Vessel[]): Spot {
  const { fovea, disc, side } = eye;
  const reach = Math.abs(disc.x - fovea.x) + (random.next() - 0.5) * 0.05;
  const height = 0.44 + 0.12 * random.next() + (kind === 'vein' ? 0.03 : 0);
  const opening = 0.1 + 0.25 * random.next();
  const last = 1.9 + 0.5 * random.next();
  const phases = [random.next() * 7, random.next() * 7];
  const wobble = 0.01 + 0.016 * random.next();
  const halfWidth = calibre(kind, random);
  const points: (Spot & { halfWidth: number })[] = [];
  const offset = (random.next() - 0.5) * 0.04;
  const n = Math.ceil((last * (reach + height)) / 2 / step);
  for (let i = 0; i <= n; i++) {
    const t = i / n;
    const angle = t * last;
    const grow = 1 + opening * t * t;
    const wave =
      wobble * Math.min(1, 6 * t) * (Math.sin(9 * t + phases[0]) + 0.6 * Math.sin(23 * t + phases[1]));
    const x = fovea.x + side * (reach * grow * Math.cos(angle) + wave + offset * Math.min(1, 4 * t));
    const base = disc.y + (fovea.y - disc.y) * Math.min(1, 1.4 * t);
    const y = base + vertical * ((height * grow + wave) * Math.sin(angle));
    if (Math.hypot(x, y) > 1.06) break;
    points.push({ x, y, halfWidth: halfWidth * (1 - 0.35 * t - 0.5 * t ** 4) });
  }
  out.push({ kind, points });
  branch(eye, { kind, points }, 3, 0.16, random, out);
  return points.find((p) => Math.hypot(p.x - disc.x, p.y - disc.y) > 0.7 * disc.radius) ?? disc;
}

function nasal(
  eye: Eye,
  kind: Vessel['kind'],
  vertical: 1 | -1,
  start: Spot,
  random: Random,
  out: Vessel[],
): void {
  const { side } = eye;
  const angle = vertical * (0.55 + 0.55 * random.next());
  const heading = Math.atan2(Math.sin(angle), side * Math.cos(angle));
  grow(
    eye,
    {
      kind,
      start,
      heading,
      halfWidth: calibre(kind, random) * 0.75,
      length: 0.9,
      order: 2,
      pull: { x: side * 1.5, y: vertical * 1.2, strength: 0.3 },
    },
    random,
    out,
  );
}

function macularTwig(eye: Eye, random: Random, out: Vessel[]): void {
  const { disc, fovea, side } = eye;
  const spread = (random.next() - 0.5) * 1.9;
  const towards = Math.atan2(fovea.y - disc.y, fovea.x - disc.x);
  grow(
    eye,
    {
      kind: random.next() < 0.5 ? 'artery' : 'vein',
      start: { x: disc.x - side * disc.radius * 0.75, y: disc.y + spread * disc.radius * 0.6 },
      heading: towards - side * spread * 0.6,
      halfWidth: 0.0036,
      length: 0.35 + 0.25 * random.next(),
      order: 1,
      pull: { ...fovea, strength: 1.2 },
    },
    random,
    out,
  );
}

function grow(eye: Eye, plan: Growth, random: Random, out: Vessel[]): void {
  let { heading } = plan;
  let { x, y } = plan.start;
  let bend = 0;
  const points: (Spot & { halfWidth: number })[] = [];
  const n = Math.max(4, Math.round(plan.length / step));
  for (let i = 0; i <= n; i++) {
    points.push({ x, y, halfWidth: plan.halfWidth * (1 - (0.65 * i) / n) });
    // The avascular zone stays free, and nothing is drawn far outside the field.
    if (Math.hypot(x, y) > 1.06 || Math.hypot(x - eye.fovea.x, y - eye.fovea.y) < 0.55 * eye.fovea.radius)
      break;
    bend = 0.86 * bend + 0.055 * random.normal();
    const wanted = Math.atan2(plan.pull.y - y, plan.pull.x - x);
    heading += bend * 0.5 + plan.pull.strength * step * 2 * Math.sin(wanted - heading);
    x += step * Math.cos(heading);
    y += step * Math.sin(heading);
  }
  if (points.length < 4) return;
  const vessel: Vessel = { kind: plan.kind, points };
  out.push(vessel);
  if (plan.order > 0) branch(eye, vessel, plan.order, 0, random, out);
}

/** Side branches beyond `clear` from the disc, alternating sides; those on the macula's side turn to the fovea, the others away from it. */
function branch(eye: Eye, parent: Vessel, order: number, clear: number, random: Random, out: Vessel[]): void {
  const { points } = parent;
  let turn = random.next() < 0.5 ? 1 : -1;
  let next = 6 + random.integer(8);
  for (let i = 1; i < points.length - 3; i++) {
    if (i < next) continue;
    const here = points[i];
    if (Math.hypot(here.x - eye.disc.x, here.y - eye.disc.y) < clear) continue;
    const heading = Math.atan2(here.y - points[i - 1].y, here.x - points[i - 1].x);
    const toFovea = Math.atan2(eye.fovea.y - here.y, eye.fovea.x - here.x);
    const angle = heading + turn * (0.5 + 0.5 * random.next());
    const inwards = Math.cos(angle - toFovea) > 0.2;
    const farAway: Spot = { x: here.x * 2 - eye.fovea.x, y: here.y * 2 - eye.fovea.y };
    grow(
      eye,
      {
        kind: parent.kind,
        start: here,
        heading: angle,
        halfWidth: here.halfWidth * (0.5 + 0.25 * random.next()),
        length: (0.16 + 0.3 * random.next()) * (0.55 + 0.2 * order),
        order: order - 1,
        pull: inwards ? { ...eye.fovea, strength: 0.7 } : { ...farAway, strength: 0.5 },
      },
      random,
      out,
    );
    turn = -turn;
    next = i + 9 + random.integer(14);
  }
}

function bead(vessel: Vessel, amount: number, random: Random): Vessel {
  if (vessel.points[0].halfWidth < 0.006) return vessel;
  const phase = random.next() * 7;
  const points = vessel.points.map((p, i) => ({
    ...p,
    halfWidth: p.halfWidth * (1.05 + 0.55 * amount * Math.sin(i * 0.75 + phase + 0.8 * Math.sin(i * 0.13))),
  }));
  return { kind: vessel.kind, points };
}
