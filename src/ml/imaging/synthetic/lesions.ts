import type { Random } from '../../random.ts';
import type { Blob } from './canvas.ts';
import type { Eye, Spot } from './eye.ts';
import type { Vessel } from './vessels.ts';

/**
 * Lesion classes: MA microaneurysms, HE haemorrhages, EX hard exudates, SE soft exudates (cotton wool spots),
 * NV new vessels, PH pre-retinal haemorrhage.
 */
export type LesionClass = 'MA' | 'HE' | 'EX' | 'SE' | 'NV' | 'PH';

export const lesionClasses: readonly LesionClass[] = ['MA', 'HE', 'EX', 'SE', 'NV', 'PH'];

export type Grade = 0 | 1 | 2 | 3 | 4;

/** A pool of blood before the retina: it settles with a level upper surface. */
export interface Pool extends Spot {
  readonly radius: number;
  readonly depth: number;
  readonly level: number;
}

export interface LesionPlan {
  readonly blobs: Readonly<Record<'MA' | 'HE' | 'EX' | 'SE', readonly Blob[]>>;
  readonly newVessels: readonly Vessel[];
  readonly pools: readonly Pool[];
}

type Counts = Readonly<Record<'MA' | 'HE' | 'flame' | 'EX' | 'SE' | 'NV' | 'PH', readonly [number, number]>>;

/** Least and most lesions a grade shows (EX counts clusters), after the international severity scale (Wilkinson et al. 2003). */
const counts: Readonly<Record<Grade, Counts>> = {
  0: { MA: [0, 0], HE: [0, 0], flame: [0, 0], EX: [0, 0], SE: [0, 0], NV: [0, 0], PH: [0, 0] },
  1: { MA: [2, 7], HE: [0, 0], flame: [0, 0], EX: [0, 0], SE: [0, 0], NV: [0, 0], PH: [0, 0] },
  2: { MA: [6, 16], HE: [3, 9], flame: [0, 3], EX: [1, 4], SE: [0, 1], NV: [0, 0], PH: [0, 0] },
  3: { MA: [14, 30], HE: [22, 40], flame: [4, 10], EX: [0, 4], SE: [2, 6], NV: [0, 0], PH: [0, 0] },
  4: { MA: [8, 20], HE: [6, 22], flame: [1, 6], EX: [0, 3], SE: [0, 4], NV: [1, 3], PH: [0, 1] },
};

/** Draws where the lesions of a grade lie and what each looks like. */
export function planLesions(eye: Eye, grade: Grade, vessels: readonly Vessel[], random: Random): LesionPlan {
  const place = placer(eye, vessels, random);
  const number = ([least, most]: readonly [number, number]): number =>
    least + random.integer(most - least + 1);
  const wanted = counts[grade];
  const some = <T>(amount: number, make: (index: number) => T): T[] =>
    Array.from({ length: amount }, (_, i) => make(i));
  const newVessels = some(number(wanted.NV), (i) => tangle(eye, vessels, i, random)).flat();
  const pools = some(number(wanted.PH), () => pool(eye, random));
  return {
    blobs: {
      MA: some(number(wanted.MA), () => microaneurysm(place.macular(), random)),
      // One quadrant after the other, so that a severe eye has haemorrhages in all four.
      HE: [
        ...some(number(wanted.HE), (i) => blot(place.quadrant(i % 4), random)),
        ...some(number(wanted.flame), () => flame(eye, place.nearVessel(), random)),
      ],
      EX: some(number(wanted.EX), () => exudates(eye, place.macular(), random)).flat(),
      SE: some(number(wanted.SE), () => cottonWool(eye, place.nearVessel(), random)),
    },
    newVessels,
    pools,
  };
}

function placer(
  eye: Eye,
  vessels: readonly Vessel[],
  random: Random,
): { macular(): Spot; quadrant(q: number): Spot; nearVessel(): Spot } {
  const allowed = (spot: Spot): boolean =>
    Math.hypot(spot.x, spot.y) < 0.9 &&
    Math.abs(spot.y) < eye.camera.cut - 0.06 &&
    Math.hypot(spot.x - eye.disc.x, spot.y - eye.disc.y) > eye.disc.radius * 1.5 &&
    Math.hypot(spot.x - eye.fovea.x, spot.y - eye.fovea.y) > eye.fovea.radius * 0.5;
  const retry = (draw: () => Spot): Spot => {
    for (let i = 0; i < 40; i++) {
      const spot = draw();
      if (allowed(spot)) return spot;
    }
    return { x: eye.fovea.x - eye.side * 0.3, y: eye.fovea.y + 0.2 };
  };
  const polar = (centre: Spot, angle: number, distance: number): Spot => ({
    x: centre.x + distance * Math.cos(angle),
    y: centre.y + distance * Math.sin(angle),
  });
  return {
    macular: () =>
      retry(() => polar(eye.fovea, random.next() * 2 * Math.PI, 0.1 + 0.5 * Math.sqrt(random.next()))),
    quadrant: (q) =>
      retry(() =>
        polar(
          { x: 0, y: 0 },
          (q + random.next()) * (Math.PI / 2),
          0.9 * Math.sqrt(0.05 + 0.95 * random.next()),
        ),
      ),
    nearVessel: () =>
      retry(() => {
        const { points } = vessels[random.integer(Math.min(vessels.length, 40))];
        const spot = points[random.integer(points.length)];
        return { x: spot.x + 0.05 * random.normal(), y: spot.y + 0.05 * random.normal() };
      }),
  };
}

function blob(spot: Spot, radius: number, random: Random, change: Partial<Blob>): Blob {
  const stretch = 1 + 0.35 * random.next();
  return {
    x: spot.x,
    y: spot.y,
    along: radius * stretch,
    across: radius / stretch,
    angle: random.next() * Math.PI,
    raggedness: 0.25,
    phases: [random.next() * 7, random.next() * 7, random.next() * 7, random.next() * 7],
    softness: 0.35,
    strength: 1,
    ...change,
  };
}

function microaneurysm(spot: Spot, random: Random): Blob {
  return blob(spot, 0.0075 + 0.006 * random.next(), random, {
    raggedness: 0.08,
    softness: 0.5,
    strength: 0.75 + 0.25 * random.next(),
  });
}

function blot(spot: Spot, random: Random): Blob {
  const radius = 0.012 + 0.034 * random.next() ** 2;
  return blob(spot, radius, random, {
    raggedness: 0.55,
    softness: 0.4,
    strength: 0.75 + 0.25 * random.next(),
  });
}

/** Blood between the nerve fibres: long, feathered, pointing away from the disc and bending around the macula. */
function flame(eye: Eye, spot: Spot, random: Random): Blob {
  const radius = 0.014 + 0.014 * random.next();
  return blob(spot, radius, random, {
    along: radius * 2.6,
    across: radius * 0.75,
    angle: Math.atan2(spot.y - eye.disc.y, spot.x - eye.disc.x) + 0.2 * random.normal(),
    raggedness: 0.5,
    softness: 0.6,
    strength: 0.65 + 0.3 * random.next(),
  });
}

/** Waxy yellow specks, as a cluster or as a (partial) ring around a leaking point. */
function exudates(eye: Eye, centre: Spot, random: Random): Blob[] {
  const ring = random.next() < 0.45;
  const reach = ring ? 0.06 + 0.05 * random.next() : 0.035 + 0.05 * random.next();
  const start = random.next() * 7;
  const arc = Math.PI * (0.8 + 1.2 * random.next());
  return Array.from({ length: 7 + random.integer(ring ? 22 : 14) }, () => {
    const angle = ring ? start + arc * random.next() : random.next() * 2 * Math.PI;
    const distance = ring ? reach * (1 + 0.12 * random.normal()) : reach * Math.abs(random.normal()) * 0.8;
    const spot = { x: centre.x + distance * Math.cos(angle), y: centre.y + distance * Math.sin(angle) };
    return blob(spot, 0.004 + 0.012 * random.next() ** 2, random, {
      raggedness: 0.5,
      softness: 0.3,
      strength: 0.8 + 0.2 * random.next(),
    });
  }).filter((b) => Math.hypot(b.x - eye.disc.x, b.y - eye.disc.y) > eye.disc.radius * 1.3);
}

/** An infarct of the nerve fibre layer: white, cloudy, across the fibres. */
function cottonWool(eye: Eye, spot: Spot, random: Random): Blob {
  const radius = 0.026 + 0.024 * random.next();
  return blob(spot, radius, random, {
    angle: Math.atan2(spot.y - eye.disc.y, spot.x - eye.disc.x) + Math.PI / 2,
    along: radius * 1.25,
    across: radius * 0.85,
    raggedness: 0.28,
    softness: 1.1,
    strength: 0.75 + 0.25 * random.next(),
  });
}

/** A fan of fine looping vessels on the disc (first tangle of half the eyes) or beside an arcade. */
function tangle(eye: Eye, vessels: readonly Vessel[], index: number, random: Random): Vessel[] {
  const onDisc = index === 0 && random.next() < 0.5;
  const arcade = vessels.filter((v) => v.points.length > 40);
  const { points } = arcade[random.integer(arcade.length)];
  const anchor = onDisc ? eye.disc : points[Math.floor(points.length * (0.25 + 0.4 * random.next()))];
  const reach = onDisc ? eye.disc.radius * 1.25 : 0.09 + 0.06 * random.next();
  const facing = random.next() * 2 * Math.PI;
  return Array.from({ length: 12 + random.integer(9) }, () => {
    let heading = facing + (onDisc ? 2 * Math.PI : 2.2) * (random.next() - 0.5);
    let { x, y } = anchor;
    let bend = (random.next() - 0.5) * 0.9;
    const line = [{ x, y, halfWidth: 0.0042 }];
    const n = 22 + random.integer(22);
    for (let i = 0; i < n; i++) {
      bend = 0.9 * bend + 0.28 * random.normal();
      heading += 0.45 * bend;
      // Turn back towards the anchor at the edge of the fan.
      if (Math.hypot(x - anchor.x, y - anchor.y) > reach)
        heading = Math.atan2(anchor.y - y, anchor.x - x) + 0.9 * random.normal();
      x += 0.0085 * Math.cos(heading);
      y += 0.0085 * Math.sin(heading);
      line.push({ x, y, halfWidth: 0.0042 * (1 - (0.4 * i) / n) });
    }
    return { kind: 'artery' as const, points: line };
  });
}

function pool(eye: Eye, random: Random): Pool {
  const radius = 0.13 + 0.12 * random.next();
  const angle = random.next() * 2 * Math.PI;
  const distance = 0.25 + 0.3 * random.next();
  return {
    x: eye.fovea.x * 0.5 + distance * Math.cos(angle),
    y: 0.12 + 0.5 * distance * Math.sin(angle),
    radius,
    depth: radius * (0.55 + 0.35 * random.next()),
    level: 0.02 * random.normal(),
  };
}
