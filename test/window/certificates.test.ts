import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Key } from '../../src/shared/contract/certificates.ts';
import { EngineProcess } from './engine-process.ts';
import { passphrase, protectedByWindow, type ProtectedByWindow } from './protected-by-window.ts';

let place: ProtectedByWindow;
let recipient: Key;

beforeAll(async () => {
  place = await protectedByWindow();
  const { engine } = place;
  recipient = await engine.ask('keys.create', {
    ...{ kind: 'recipient', name: 'Ada', passphrase: 'another passphrase', remember: false },
  });
});
afterAll(() => place.remove());

/** Samples by an independent decoder. */
const samples = async (path: string) => (await sharp(path).raw().toBuffer()).toString('base64');

const verify = (path: string, residualExpected = true) =>
  place.engine.ask('certificates.verify', { path: place.engine.grant(path), residualExpected });

async function copyOfSet(name: string): Promise<string> {
  const copy = place.path(name);
  await cp(place.out, copy, { recursive: true });
  return copy;
}

async function flipOnePixel(path: string): Promise<void> {
  const { data, info } = await sharp(path).raw().toBuffer({ resolveWithObject: true });
  data[data.length >> 1] ^= 1;
  const { width, height, channels } = info;
  const file = await sharp(data, { raw: { width, height, channels } }).png().toBuffer();
  await writeFile(path, file);
}

/** A licence for the whole set; the file's path. */
async function grant(
  name: string,
  to: { contact: string } | { passphrase: string },
  expires: string | null = null,
): Promise<string> {
  const out = place.path(name);
  const licence = await place.engine.ask('licences.grant', {
    ...{ ownerKey: place.owner.id, set: { job: place.job.id }, images: [], recipient: to },
    ...{ licensee: 'Ada Example', terms: 'for study', expires, out: place.engine.grant(out) },
  });
  expect(licence).toMatchObject({ licensee: 'Ada Example', expires, scope: 'the whole set' });
  return out;
}

type Access = Parameters<typeof restoreTo>[1];

function restoreTo(
  name: string,
  access:
    | { kind: 'owner'; key: string }
    | { kind: 'licence'; licence: string; key: string }
    | { kind: 'passphrase'; licence: string; passphrase: string },
) {
  const { engine, out, path } = place;
  const shown = access.kind === 'owner' ? access : { ...access, licence: engine.grant(access.licence) };
  return engine.reply('certificates.restore', {
    ...{ path: engine.grant(out), out: engine.grant(path(name)), access: shown },
  });
}

async function expectOriginals(name: string, access: Access): Promise<void> {
  const reply = await restoreTo(name, access);
  expect(reply).toMatchObject({ ok: true });
  if (!reply.ok) return;
  expect(reply.value.images.map(({ path, exact }) => ({ path, exact }))).toEqual(
    ['a.png', 'b.png', 'deep/c.png'].map((path) => ({ path, exact: true })),
  );
  for (const { path } of reply.value.images) {
    expect(await samples(place.path(name, path))).toBe(await samples(place.path('images', path)));
  }
}

describe('keys', () => {
  it('opens a key with its passphrase only, and forgets it when locked', async () => {
    const { engine, owner } = place;
    const unlock = (text: string) =>
      engine.reply('keys.unlock', { key: owner.id, passphrase: text, remember: false });
    expect(await engine.ask('keys.lock', { key: owner.id })).toMatchObject({ unlocked: false });
    const sign = await engine.reply('certificates.certifySet', { job: place.job.id, ownerKey: owner.id });
    expect(sign).toMatchObject({ ok: false, failure: { code: 'wrong-key' } });
    expect(await unlock('not this one')).toMatchObject({ ok: false, failure: { code: 'wrong-key' } });
    expect(await engine.ask('keys.list', {})).toContainEqual(
      expect.objectContaining({ id: owner.id, unlocked: false }),
    );
    expect(await unlock(passphrase)).toMatchObject({ ok: true, value: { unlocked: true } });
  });

  it('never answers with a secret, and keeps none in the clear on the disk', async () => {
    const said = JSON.stringify([...place.engine.events, await place.engine.ask('keys.list', {})]);
    expect(said).not.toContain(passphrase);
    const data = join(place.folder, 'engine');
    for (const entry of await readdir(data, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const text = await readFile(join(entry.parentPath, entry.name), 'latin1');
      expect(text, entry.name).not.toContain(passphrase);
    }
    expect(place.engine.stderr).not.toContain(passphrase);
  });
});

describe('verification', () => {
  it('says in three lines that an untouched set is as signed, and whose it is', async () => {
    const found = await verify(place.out);
    expect(found).toMatchObject({
      verified: true,
      set: {
        integrity: { status: 'valid' },
        signature: { status: 'valid' },
        trust: { status: 'valid' },
        counts: { listed: 3, valid: 3, notValid: 0 },
      },
    });
  });

  it('finds the one image in which one bit of one sample was changed', async () => {
    const copy = await copyOfSet('flipped');
    await flipOnePixel(join(copy, 'b.png'));
    const found = await verify(copy);
    expect(found.verified).toBe(false);
    expect(found.set?.integrity).toMatchObject({ status: 'invalid', code: 'pixels-altered' });
    const bad = found.images.filter(({ integrity }) => integrity.status !== 'valid');
    expect(bad.map(({ path }) => path)).toEqual(['b.png']);
    expect(found.set?.signature.status).toBe('valid');
  });

  it('takes an image, its certificate, its residual, the manifest or a licence alike', async () => {
    const image = await verify(join(place.out, 'deep', 'c.png'));
    expect(image).toMatchObject({ verified: true, set: null });
    for (const suffix of ['.certificate.json', '.mlr']) {
      const found = await verify(join(place.out, `deep/c.png${suffix}`));
      expect(found.images).toEqual(image.images);
    }
    expect(await verify(join(place.out, 'medlocker-set.json'))).toMatchObject({
      verified: true,
      set: { counts: { listed: 3 } },
    });
    const licence = await grant('verified.licence.json', { contact: recipient.id });
    expect(await verify(licence)).toMatchObject({ verified: true, set: null });
  });

  it('judges a certificate without its image as far as it goes', async () => {
    await mkdir(place.path('alone'));
    const alone = place.path('alone', 'a.png.certificate.json');
    await cp(join(place.out, 'a.png.certificate.json'), alone);
    const found = await verify(alone);
    expect(found.verified).toBe(false);
    expect(found.images[0]).toMatchObject({
      integrity: { status: 'invalid', code: 'image-missing' },
      signature: { status: 'valid' },
      trust: { status: 'valid' },
    });
  });

  it('leaves trust open for a signer nobody has added', async () => {
    const stranger = new EngineProcess(place.path('stranger'));
    const ask = () =>
      stranger.ask('certificates.verify', { path: stranger.grant(place.out), residualExpected: true });
    expect(await ask()).toMatchObject({
      verified: false,
      set: { integrity: { status: 'valid' }, signature: { status: 'valid' }, trust: { status: 'unknown' } },
    });
    const file = place.path('owner.pub');
    await place.engine.ask('keys.exportPublic', { key: place.owner.id, file: place.engine.grant(file) });
    const contact = await stranger.ask('contacts.add', { file: stranger.grant(file) });
    expect(contact).toMatchObject({ kind: 'owner', name: 'Test clinic', id: place.owner.id });
    expect(await ask()).toMatchObject({ verified: true });
    await stranger.ask('contacts.remove', { contact: contact.id });
    expect(await ask()).toMatchObject({ verified: false });
    await stranger.end();
  });

  it('says what can be verified when something else is dropped', async () => {
    const file = place.path('notes.txt');
    await writeFile(file, 'hello');
    const reply = await place.engine.reply('certificates.verify', {
      ...{ path: place.engine.grant(file), residualExpected: true },
    });
    expect(reply.ok && reply.value.verified).toBe(false);
  });
});

it('tells how far it is, and stops when asked to', async () => {
  const { engine, out, path, owner } = place;
  engine.events.length = 0;
  await verify(out);
  const told = engine.events.filter(({ name }) => name === 'certificates.progress');
  expect(told.at(-1)?.payload).toMatchObject({ work: 'verify', finished: 3, total: 3 });
  const verification = engine.reply('certificates.verify', {
    ...{ path: engine.grant(out), residualExpected: true },
  });
  const restoration = engine.reply('certificates.restore', {
    ...{ path: engine.grant(out), out: engine.grant(path('stopped')) },
    access: { kind: 'owner', key: owner.id },
  });
  await engine.ask('certificates.stop', {});
  for (const reply of [await verification, await restoration])
    expect(reply).toMatchObject({ ok: false, failure: { code: 'cancelled' } });
});

/** Kills the one process that the engine has started. */
async function killChild({ child: { pid } }: EngineProcess): Promise<void> {
  const children = () => readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').then((text) => text.trim());
  await expect.poll(children, { interval: 2 }).toMatch(/^\d+$/);
  process.kill(Number(await children()), 'SIGKILL');
}

it.runIf(process.platform === 'linux')(
  'whose process dies says so, and the engine goes on with its keys open',
  async () => {
    const { engine, out, owner } = place;
    const verification = engine.reply('certificates.verify', {
      ...{ path: engine.grant(out), residualExpected: true },
    });
    await killChild(engine);
    const reply = await verification;
    expect(reply).toMatchObject({ ok: false, failure: { code: 'runtime-missing' } });
    expect(!reply.ok && reply.failure.message).toMatch(/ended by the system/);
    expect(await engine.ask('keys.list', {})).toContainEqual(
      expect.objectContaining({ id: owner.id, unlocked: true }),
    );
    await verify(out);
  },
);

describe('a signature of the set', () => {
  const sign = () =>
    place.engine.reply('certificates.certifySet', { job: place.job.id, ownerKey: place.owner.id });

  it('is not stopped with a verification', async () => {
    const signing = sign();
    await place.engine.ask('certificates.stop', {});
    expect(await signing).toMatchObject({ ok: true, value: { images: 3, leftOut: 0 } });
  });

  it.runIf(process.platform === 'linux')('whose process dies can be given again', async () => {
    const signing = sign();
    await killChild(place.engine);
    expect(await signing).toMatchObject({ ok: false, failure: { code: 'runtime-missing' } });
    expect(await sign()).toMatchObject({ ok: true });
    expect((await verify(place.out)).verified).toBe(true);
  });
});

describe('restoration', () => {
  it('gives every sample back to the owner', () =>
    expectOriginals('by-owner', { kind: 'owner', key: place.owner.id }));

  it('gives every sample back to the recipient of a licence', async () => {
    const licence = await grant('recipient.licence.json', { contact: recipient.id });
    await expectOriginals('by-recipient', { kind: 'licence', licence, key: recipient.id });
  });

  it('gives every sample back to who knows the passphrase of a licence, and to nobody else', async () => {
    const licence = await grant('phrase.licence.json', { passphrase: 'shared by telephone' });
    await expectOriginals('by-passphrase', {
      ...{ kind: 'passphrase', licence, passphrase: 'shared by telephone' },
    });
    const wrong = await restoreTo('by-guess', { kind: 'passphrase', licence, passphrase: 'a wrong guess' });
    expect(wrong).toMatchObject({ ok: false, failure: { code: 'wrong-key' } });
    expect(await readdir(place.path('by-guess')).catch(() => [])).toEqual([]);
  });

  it('refuses a licence that has ended', async () => {
    const end = new Date(Date.now() + 1500);
    const licence = await grant('short.licence.json', { contact: recipient.id }, end.toISOString());
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, end.getTime() - Date.now() + 50)));
    const reply = await restoreTo('too-late', { kind: 'licence', licence, key: recipient.id });
    expect(reply).toMatchObject({ ok: false, failure: { code: 'licence-expired' } });
    expect(await verify(licence)).toMatchObject({
      verified: false,
      images: [{ integrity: { code: 'licence-expired' }, signature: { status: 'valid' } }],
    });
  });

  it('replaces no other file, and may be asked for twice', async () => {
    const { owner, path } = place;
    const access = { kind: 'owner', key: owner.id } as const;
    await mkdir(path('taken'));
    await writeFile(path('taken', 'b.png'), 'somebody else’s');
    for (const time of ['first', 'second']) {
      const reply = await restoreTo('taken', access);
      expect(reply.ok && reply.value.images.map(({ exact, code }) => [exact, code]), time).toEqual([
        [true, null],
        [false, 'output-not-writable'],
        [true, null],
      ]);
    }
    expect(await readFile(path('taken', 'b.png'), 'utf8')).toBe('somebody else’s');
  });

  it('refuses the image that was altered and restores the others', async () => {
    const { engine } = place;
    const copy = await copyOfSet('altered');
    await flipOnePixel(join(copy, 'a.png'));
    const { images } = await engine.ask('certificates.restore', {
      path: engine.grant(copy),
      out: engine.grant(place.path('from-altered')),
      access: { kind: 'owner', key: place.owner.id },
    });
    expect(images.map(({ path, exact, code }) => [path, exact, code])).toEqual([
      ['a.png', false, 'pixels-altered'],
      ['b.png', true, null],
      ['deep/c.png', true, null],
    ]);
  });
});

describe('parameter list', () => {
  it('is one row a mark, the same in CSV and JSON, and where the certificates say', async () => {
    const { engine, job } = place;
    const exported = async (format: 'csv' | 'json') => {
      const file = place.path(`parameters.${format}`);
      const { images, marks } = await engine.ask('certificates.exportParameters', {
        ...{ job: job.id, format, file: engine.grant(file) },
      });
      return { images, marks, text: await readFile(file, 'utf8') };
    };
    const csv = await exported('csv');
    const json = JSON.parse((await exported('json')).text) as { marks: { path: string; x: number }[] };
    const rows = csv.text.trimEnd().split('\r\n').slice(1);
    expect(csv.images).toBe(3);
    expect(rows).toHaveLength(csv.marks);
    expect(json.marks).toHaveLength(csv.marks);
    const certificate = JSON.parse(await readFile(join(place.out, 'a.png.certificate.json'), 'utf8')) as {
      body: { mark: { placements: { x: number }[] } };
    };
    expect(json.marks.filter(({ path }) => path === 'a.png').map(({ x }) => x)).toEqual(
      certificate.body.mark.placements.map(({ x }) => x),
    );
  });
});

it('signs a set of approved images only when a review is asked for', async () => {
  const { engine, owner, job, out, remove } = await protectedByWindow({ reviewRequired: true });
  try {
    const ask = { job: job.id, ownerKey: owner.id };
    expect(await readdir(out)).not.toContain('medlocker-set.json');
    expect(await engine.reply('certificates.certifySet', ask)).toMatchObject({ ok: false });
    await engine.ask('review.decide', { job: job.id, path: 'a.png', decision: { decision: 'approved' } });
    await engine.ask('review.decide', {
      ...{ job: job.id, path: 'b.png', decision: { decision: 'rejected', reason: 'mark beside the disc' } },
    });
    const signed = await engine.ask('certificates.certifySet', ask);
    expect(signed).toMatchObject({ images: 1, leftOut: 2, file: { name: 'medlocker-set.json' } });
    const manifest = JSON.parse(await readFile(join(out, 'medlocker-set.json'), 'utf8')) as {
      body: { merkleRoot: string; entries: { path: string }[] };
    };
    expect(manifest.body.entries.map((entry) => entry.path)).toEqual(['a.png']);
    expect(manifest.body.merkleRoot).toBe(signed.merkleRoot);

    // What was not approved is put aside, so that the folder can be handed on as it is; the review still shows it.
    const images = async () =>
      (await readdir(out, { recursive: true })).filter((name) => /^[^.].*\.png$/.test(name)).sort();
    const verified = () =>
      engine.ask('certificates.verify', { path: engine.grant(out), residualExpected: true });
    expect(await images()).toEqual(['a.png']);
    expect(await verified()).toMatchObject({ verified: true, set: { counts: { listed: 1 }, extra: [] } });
    const rejected = await engine.ask('review.item', { job: job.id, path: 'b.png' });
    expect(rejected.decision).toMatchObject({ decision: 'rejected' });

    await engine.ask('review.decide', { job: job.id, path: 'b.png', decision: { decision: 'approved' } });
    expect(await engine.ask('certificates.certifySet', ask)).toMatchObject({ images: 2, leftOut: 1 });
    expect(await images()).toEqual(['a.png', 'b.png']);
    expect(await verified()).toMatchObject({ verified: true, set: { counts: { listed: 2 } } });
    await engine.ask('jobs.resume', { job: job.id });
    const again = await engine.heard(
      'jobs.changed',
      ({ id, state, totals }) => id === job.id && state.status === 'done' && totals.kept > 0,
    );
    expect(again.totals).toMatchObject({ total: 3, kept: 3 });
  } finally {
    await remove();
  }
});
