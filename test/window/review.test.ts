import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readJournal } from '../../src/engine/jobs/journal.ts';
import { outputFile } from '../../src/engine/workflows/output-file.ts';
import { certificateSchema, manifestSchema } from '../../src/shared/certificate.ts';
import type { Box } from '../../src/shared/contract/handles.ts';
import type { ReviewItem } from '../../src/shared/contract/review.ts';
import { EngineProcess } from './engine-process.ts';
import { protectedByWindow, type ProtectedByWindow } from './protected-by-window.ts';

let place: ProtectedByWindow;
let engine: EngineProcess;
let job: string;

beforeAll(async () => {
  place = await protectedByWindow({ reviewRequired: true });
  ({ engine } = place);
  job = place.job.id;
});
afterAll(async () => {
  await engine.end();
  await place.remove();
});

const itemOf = (path: string) => engine.ask('review.item', { job, path });
const move = (path: string, mark: number, to: { x: number; y: number }) =>
  engine.reply('review.moveMark', { job, path, mark, ...to, ownerKey: place.owner.id });
const decide = (path: string, decision: 'approved' | 'open') =>
  engine.reply('review.decide', { job, path, decision: { decision } });
const verify = () =>
  engine.ask('certificates.verify', { path: engine.grant(place.out), residualExpected: true });

const hashOf = async (path: string) =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
/** Of the set, or put aside while nobody has approved it. */
const written = (path: string) => outputFile(place.out, path);
const filesOf = (path: string) =>
  Promise.all(
    ['', '.certificate.json', '.mlr'].map(async (suffix) => hashOf(await written(`${path}${suffix}`))),
  );

const json = async (path: string): Promise<unknown> =>
  JSON.parse(await readFile(await written(path), 'utf8'));

/** RGB samples of a file, turned upright, by an independent decoder. */
async function pixels(path: string): Promise<{ data: Buffer; width: number; height: number }> {
  const { data, info } = await sharp(path)
    .rotate()
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}
const shown = (id: string) => pixels(join(place.folder, 'pictures', id, '0.png'));

/** Coordinates of pixels that differ. */
async function changedPixels(a: string, b: string): Promise<{ x: number; y: number }[]> {
  const [one, other] = [await pixels(a), await pixels(b)];
  const changed = [];
  for (let p = 0; p < one.width * one.height; p++) {
    const differs = [0, 1, 2].some((c) => one.data[3 * p + c] !== other.data[3 * p + c]);
    if (differs) changed.push({ x: p % one.width, y: Math.floor(p / one.width) });
  }
  return changed;
}

const isIn = ({ x, y }: { x: number; y: number }, box: Box) =>
  x >= box.x && y >= box.y && x < box.x + box.width && y < box.y + box.height;

async function expectNothingChangedButMarks(item: ReviewItem, source: string, out: string): Promise<void> {
  const changed = await changedPixels(place.path('images', source), await written(out));
  expect(changed.length).toBeGreaterThan(50);
  expect(changed.filter((pixel) => !item.marks.some((mark) => isIn(pixel, mark)))).toEqual([]);
  for (const mark of item.marks) expect(changed.some((pixel) => isIn(pixel, mark))).toBe(true);
}

/** What the graders answered to the marks at random places, as the journal has it now. */
async function controlsOf(path: string): Promise<unknown[]> {
  const journal = await readJournal(join(place.out, '.medlocker/journal-main.jsonl'));
  const record = journal?.records.find((one) => one.path === path);
  if (record?.state !== 'done' || record.report.status !== 'protected') throw new Error('not protected');
  return (record.report.transfer?.graders ?? []).flatMap(({ pipelines }) =>
    pipelines.map(({ control }) => control.logits),
  );
}

async function anotherEngine(): Promise<void> {
  await engine.end();
  engine = new EngineProcess(place.folder);
  await engine.ask('keys.unlock', {
    ...{ key: place.owner.id, passphrase: 'correct horse battery', remember: false },
  });
}

async function endOfJob(): Promise<void> {
  engine.events.length = 0;
  await engine.ask('jobs.resume', { job });
  await engine.heard('jobs.changed', ({ id, state }) => id === job && state.status === 'done');
}

async function expectRestored(name: string, images: readonly string[]): Promise<void> {
  const restored = await engine.ask('certificates.restore', {
    path: engine.grant(place.out),
    out: engine.grant(place.path(name)),
    access: { kind: 'owner', key: place.owner.id },
  });
  expect(restored.images.filter(({ exact }) => exact).map(({ path }) => path)).toEqual(images);
  for (const path of images) {
    expect(await changedPixels(place.path('images', path), place.path(name, path))).toEqual([]);
  }
}

describe('what the review shows', () => {
  it('lists the protected images in the order of the source, all still open', async () => {
    const list = await engine.ask('review.list', { job });
    expect(list.map(({ path, decision }) => [path, decision.decision])).toEqual([
      ['a.png', 'open'],
      ['b.png', 'open'],
      ['deep/c.png', 'open'],
    ]);
  });

  it('shows before and after to the pixel, and the marks where the pixels differ', async () => {
    const item = await itemOf('deep/c.png');
    expect((await shown(item.before.id)).data).toEqual((await pixels(place.path('images/deep/c.png'))).data);
    expect((await shown(item.after.id)).data).toEqual((await pixels(await written('deep/c.png'))).data);
    await expectNothingChangedButMarks(item, 'deep/c.png', 'deep/c.png');
    expect(item.figures.overlapPixels).toBe(0);
    expect(item.predictions.map(({ role, pipeline }) => `${role} ${pipeline}`)).toEqual([
      'surrogate direct',
      'surrogate jpeg:75',
      'victim direct',
      'victim jpeg:75',
    ]);
    for (const { confidenceBefore } of item.predictions) expect(confidenceBefore).toBeGreaterThan(0);
  });

  it('answers for protected images of the job only', async () => {
    expect(await engine.reply('review.item', { job, path: '../a.png' })).toMatchObject({
      failure: { code: 'usage' },
    });
    expect(await engine.reply('review.list', { job: '0'.repeat(32) })).toMatchObject({
      failure: { code: 'usage' },
    });
  });
});

describe('a mark that is moved', () => {
  it('finds a legal place near where it is dragged, and none that is not', async () => {
    const { marks } = await itemOf('a.png');
    const drag = { job, path: 'a.png', mark: 0 };
    const corner = await engine.ask('review.nearestPlace', { ...drag, x: -500, y: -500 });
    expect(corner).not.toBeNull();
    expect(await engine.ask('review.nearestPlace', { ...drag, x: marks[0].x, y: marks[0].y })).toEqual({
      x: marks[0].x,
      y: marks[0].y,
    });
    const { places, picture } = await engine.ask('review.legalPlaces', drag);
    expect(places).toBeGreaterThan(10);
    expect(picture).toMatchObject({ width: 160, height: 160 });
  });

  it('is refused an illegal place, and no file changes', async () => {
    const before = await filesOf('a.png');
    const { marks } = await itemOf('a.png');
    for (const to of [{ x: 0, y: 0 }, { x: 150, y: 80 }, marks[1]]) {
      expect(await move('a.png', 0, { x: to.x, y: to.y })).toMatchObject({ failure: { code: 'usage' } });
    }
    expect(await filesOf('a.png')).toEqual(before);
  });

  it('leaves every other pixel alone, is certified anew, restores to the bit, and comes back to the same files', async () => {
    const before = await itemOf('a.png');
    const files = await filesOf('a.png');
    const controls = await controlsOf('a.png');
    const [moved, other] = before.marks;
    await decide('a.png', 'approved');
    const dragged = { x: moved.x + 12, y: moved.y + 9 };
    const to = await engine.ask('review.nearestPlace', { job, path: 'a.png', mark: 0, ...dragged });
    if (to === null) throw new Error('no legal place');
    const reply = await move('a.png', 0, to);
    if (!reply.ok) throw new Error(reply.failure.message);
    const after = reply.value;
    expect(after.marks).toEqual([{ ...moved, ...to }, other]);
    expect(after).toMatchObject({ edited: true, decision: { decision: 'open' }, before: before.before });
    await expectNothingChangedButMarks(after, 'a.png', 'a.png');
    expect(await controlsOf('a.png')).toEqual(controls);
    for (const path of ['a.png', 'b.png', 'deep/c.png']) await decide(path, 'approved');
    await engine.ask('certificates.certifySet', { job, ownerKey: place.owner.id });
    expect((await verify()).images.find(({ path }) => path === 'a.png')).toMatchObject({
      integrity: { status: 'valid' },
      signature: { status: 'valid' },
    });
    await expectRestored('restored-moved', ['a.png', 'b.png', 'deep/c.png']);
    const back = await move('a.png', 0, { x: moved.x, y: moved.y });
    expect(back).toMatchObject({ ok: true, value: { marks: before.marks, figures: before.figures } });
    expect(await filesOf('a.png')).toEqual(files);
  });

  it('takes the report away that speaks of the old place, and brings it back with the new one', async () => {
    for (const path of ['a.png', 'b.png', 'deep/c.png']) await decide(path, 'approved');
    await engine.ask('certificates.certifySet', { job, ownerKey: place.owner.id });
    const report = (name: string) => readFile(place.path('protected/.medlocker/report', name), 'utf8');
    const [html, csv] = [await report('report.html'), await report('report.csv')];
    const { marks } = await itemOf('b.png');
    const dragged = { x: marks[0].x + 10, y: marks[0].y };
    const to = await engine.ask('review.nearestPlace', { job, path: 'b.png', mark: 0, ...dragged });
    if (to === null) throw new Error('no legal place');
    expect(await move('b.png', 0, to)).toMatchObject({ ok: true });
    await expect(report('report.html')).rejects.toThrow('ENOENT');
    await expect(report('report.csv')).rejects.toThrow('ENOENT');
    await expect.poll(() => report('report.html').catch(() => ''), { timeout: 60_000 }).toContain('</html>');
    expect(await report('report.html')).not.toBe(html);
    expect(await report('report.csv')).not.toBe(csv);
    // Moving took the approval of the one image away: the set and its report are of the other two.
    expect(await report('report.csv')).toMatch(/b\.png.*not yet approved/);
  });

  it('needs the unlocked key of the owner who signed the image', async () => {
    const { marks } = await itemOf('b.png');
    const stranger = await engine.ask('keys.create', {
      ...{ kind: 'owner', name: 'Stranger', passphrase: 'correct horse battery', remember: false },
    });
    const request = { job, path: 'b.png', mark: 0, x: marks[0].x, y: marks[0].y };
    expect(await engine.reply('review.moveMark', { ...request, ownerKey: stranger.id })).toMatchObject({
      failure: { code: 'key-unusable' },
    });
    await engine.ask('keys.lock', { key: stranger.id });
    expect(await engine.reply('review.moveMark', { ...request, ownerKey: stranger.id })).toMatchObject({
      failure: { code: 'wrong-key' },
    });
  });
});

describe('decisions', () => {
  it('let into the set what is approved and nothing else', async () => {
    await decide('a.png', 'approved');
    await decide('b.png', 'open');
    await engine.ask('review.decide', {
      ...{ job, path: 'deep/c.png' },
      decision: { decision: 'rejected', reason: 'covers a vessel' },
    });
    const signed = await engine.ask('certificates.certifySet', { job, ownerKey: place.owner.id });
    expect(signed).toMatchObject({ images: 1, leftOut: 2 });
    const manifest = manifestSchema.parse(await json('medlocker-set.json'));
    expect(manifest.body.entries.map(({ path }) => path)).toEqual(['a.png']);
  });

  it('are found again by the next engine', async () => {
    await anotherEngine();
    const list = await engine.ask('review.list', { job });
    expect(list.map(({ decision }) => decision)).toEqual([
      { decision: 'approved' },
      { decision: 'open' },
      { decision: 'rejected', reason: 'covers a vessel' },
    ]);
  });

  it('count also when the program is closed before they are answered', async () => {
    for (const decision of ['approved', 'open'] as const) {
      void engine.reply('review.decide', { job, path: 'b.png', decision: { decision } });
      await anotherEngine();
      const [, { decision: kept }] = await engine.ask('review.list', { job });
      expect(kept).toEqual({ decision });
    }
  });
});

describe('boxes drawn by hand', () => {
  it('forbid the places they cover', async () => {
    const { marks } = await itemOf('b.png');
    const [{ x, y, width }] = marks;
    const far = await engine.ask('review.nearestPlace', { job, path: 'b.png', mark: 0, x: x + 2 * width, y });
    if (far === null) throw new Error('no legal place');
    const middle = far.x + (width >> 1);
    const box = { x: middle, y: far.y, width: 2, height: marks[0].height };
    expect(marks.some((mark) => isIn({ x: middle, y: far.y + 8 }, mark))).toBe(false);
    const set = { job, path: 'b.png', boxes: [{ box, class: 'haemorrhage' as const }] };
    const before = await engine.ask('review.legalPlaces', { job, path: 'b.png', mark: 0 });
    expect(await engine.ask('review.setBoxes', set)).toEqual({ boxes: set.boxes, conflict: false });
    expect((await itemOf('b.png')).boxes).toEqual(set.boxes);
    expect(await move('b.png', 0, far)).toMatchObject({ failure: { code: 'usage' } });
    const left = await engine.ask('review.legalPlaces', { job, path: 'b.png', mark: 0 });
    expect(left.places).toBeLessThan(before.places);
    expect(await engine.ask('review.setBoxes', { ...set, boxes: [] })).toEqual({
      boxes: [],
      conflict: false,
    });
  });

  it('on a mark keep the image out of the set until the job has made it anew around them', async () => {
    const [mark] = (await itemOf('b.png')).marks;
    const box = { x: mark.x + 5, y: mark.y + 5, width: mark.width - 10, height: mark.height - 10 };
    const boxes = [{ box, class: 'microaneurysm' as const }];
    await decide('b.png', 'approved');
    expect(await engine.ask('review.setBoxes', { job, path: 'b.png', boxes })).toEqual({
      boxes,
      conflict: true,
    });
    expect(await decide('b.png', 'approved')).toMatchObject({ ok: false, failure: { code: 'usage' } });
    await endOfJob();
    const { totals } = await engine.ask('jobs.get', { job });
    expect(totals).toMatchObject({ done: 1, kept: 2 });
    const item = await itemOf('b.png');
    expect(item).toMatchObject({ boxes, decision: { decision: 'open' } });
    const changed = await changedPixels(place.path('images/b.png'), await written('b.png'));
    expect(changed.filter((pixel) => isIn(pixel, box))).toEqual([]);
    expect(await decide('b.png', 'approved')).toMatchObject({ ok: true });
    const { body } = certificateSchema.parse(await json('b.png.certificate.json'));
    expect(body.zone.sources).toContainEqual(
      expect.objectContaining({ kind: 'annotation', format: 'drawn', classes: ['microaneurysm'] }),
    );
  });
});

describe('an image that its camera has turned', () => {
  it('is shown and changed upright', async () => {
    const eye = sharp(place.path('images/a.png')).extend({ left: 40, background: 'black' });
    await writeFile(
      place.path('images/turned.png'),
      await eye.withMetadata({ orientation: 6 }).png().toBuffer(),
    );
    await endOfJob();
    const item = await itemOf('turned.png');
    expect(item.after).toMatchObject({ width: 160, height: 200 });
    await expectNothingChangedButMarks(item, 'turned.png', 'turned.png');
    const [mark] = item.marks;
    const dragged = { job, path: 'turned.png', mark: 0, x: mark.x + 4, y: mark.y - 11 };
    const to = await engine.ask('review.nearestPlace', dragged);
    if (to === null) throw new Error('no legal place');
    expect(Math.hypot(to.x - dragged.x, to.y - dragged.y)).toBeLessThan(20);
    const reply = await move('turned.png', 0, to);
    if (!reply.ok) throw new Error(reply.failure.message);
    expect(reply.value.marks[0]).toMatchObject(to);
    await expectNothingChangedButMarks(reply.value, 'turned.png', 'turned.png');
    const box = { x: 3, y: 150, width: 8, height: 5 };
    const set = { job, path: 'turned.png', boxes: [{ box, class: 'other' as const }] };
    expect((await engine.ask('review.setBoxes', set)).boxes).toEqual(set.boxes);
  });
});
