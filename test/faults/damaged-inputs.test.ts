import { cp, lstat, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isTemporaryName } from '../../src/engine/jobs/atomic-write.ts';
import { readLabelFile } from '../../src/engine/workflows/label-file.ts';
import { restore } from '../../src/engine/workflows/restore.ts';
import { verify } from '../../src/engine/workflows/verify.ts';
import { openLicence, ownerAccess } from '../../src/ml/certificate/restore-access.ts';
import { createOwnerKey, openOwnerKey } from '../../src/ml/certificate/owner-key.ts';
import { encodePkcs8 } from '../../src/ml/certificate/key-encoding.ts';
import { grantLicence } from '../../src/ml/certificate/licence.ts';
import { RecipientKey } from '../../src/ml/certificate/recipient-key.ts';
import {
  deterministicBytes,
  sampleOwner,
  sampleSetId,
} from '../../src/ml/certificate/sample-certificate.fixture.ts';
import { readTrustedOwner } from '../../src/ml/certificate/trust.ts';
import { decodeImage, readImage } from '../../src/ml/imaging/read-image.ts';
import { synthesizeFundus } from '../../src/ml/imaging/synthetic-fundus.ts';
import { encodeLossless } from '../../src/ml/imaging/write-image.ts';
import { annotationsFor, loadAnnotations } from '../../src/ml/lesions/annotations/load-annotations.ts';
import { openClassifier } from '../../src/ml/models/open-classifier.ts';
import { loadLogo } from '../../src/ml/watermark/logo.ts';
import { Failure } from '../../src/shared/failure.ts';
import type { VerificationLine } from '../../src/shared/verification.ts';
import { jsonLines, medlocker, passphrase, type Ended } from '../end-to-end/medlocker.ts';
import { makeWorkplace, protectArguments, publicTree, type Workplace } from '../end-to-end/workplace.ts';
import { bitFlipped, lineDefect, refusalOf, truncated } from './damage.ts';
import { annotatedImage, writeAnnotationCorpus, writeLabelCorpus } from './damaged-annotations.ts';
import { writeImageCorpus, type ImageCorpus } from './damaged-images.ts';
import { writeLogoCorpus } from './damaged-logos.ts';
import { writeModelCorpus, type ModelCorpus } from './damaged-models.ts';
import { setDamages, type SetDamage } from './damaged-sets.ts';
import { writeSampleSet } from './sample-set.ts';

/** Inputs looked at, by kind; the last test counts them. */
const covered = new Map<string, number>();
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'medlocker-faults-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Uses every input, and gives a line for each that was not refused as it should be. */
async function misbehaving<T>(
  kind: string,
  inputs: readonly T[],
  nameOf: (input: T) => string,
  use: (input: T) => Promise<unknown>,
): Promise<string[]> {
  covered.set(kind, (covered.get(kind) ?? 0) + inputs.length);
  const lines: string[] = [];
  for (const input of inputs) {
    await refusalOf(nameOf(input), () => use(input)).catch((error: unknown) =>
      lines.push(error instanceof Error ? error.message : String(error)),
    );
  }
  return lines;
}

const itself = (path: string) => path;

describe('a folder with damaged images, protected by the command line', () => {
  let place: Workplace;
  let corpus: ImageCorpus;
  let source: string;
  let out: string;
  let before: readonly string[];
  let run: Ended;
  let lines: Record<string, unknown>[];

  beforeAll(async () => {
    place = await makeWorkplace([]);
    source = place.images;
    out = place.path('out');
    await mkdir(source, { recursive: true });
    corpus = await writeImageCorpus(source, place.path('outside'));
    before = await everything(source);
    run = await medlocker(protectArguments(place, out, ['--json']));
    lines = jsonLines(run.stdout);
  });

  afterAll(() => place.remove());

  const finished = () =>
    lines.filter(({ kind }) => kind === 'image-finished') as unknown as {
      path: string;
      state: string;
      reason: string | null;
      code: string | null;
    }[];

  it('ends with code 3, its events complete', () => {
    expect(run.stderr).not.toMatch(/^\s+at /m);
    expect({ code: run.code, last: lines.at(-1)?.['outcome'] }).toEqual({ code: 3, last: 'with-failures' });
  });

  it('lists every damaged image exactly once, with a reason of one line', () => {
    covered.set('images', corpus.damaged.length + corpus.leftOut.length);
    const failed = finished().filter(({ state }) => state === 'failed');
    expect(failed.map(({ path }) => path).sort()).toEqual([...corpus.damaged].sort());
    const unclear = failed.filter(
      ({ reason, code }) => lineDefect(reason ?? '') !== null || !/^(image|output)-/.test(code ?? ''),
    );
    expect(unclear).toEqual([]);
  });

  it('says for people one line an image, with nothing in it that drives a terminal', () => {
    const human = run.stderr.split('\n');
    const results = human.filter((line) => line.startsWith('['));
    expect(results).toHaveLength(corpus.damaged.length + corpus.good.length);
    expect(results.filter((line) => lineDefect(line) !== null)).toEqual([]);
    expect(human.filter((line) => lineDefect(line) === 'control characters')).toEqual([]);
  });

  it('lists what it left out, each with a reason', () => {
    const started = lines.find(({ kind }) => kind === 'job-started');
    const skipped = started?.['skipped'] as { path: string; reason: string }[];
    expect(skipped.map(({ path }) => path).sort()).toEqual([...corpus.leftOut].sort());
    expect(skipped.filter(({ reason }) => lineDefect(reason) !== null)).toEqual([]);
  });

  it('protects every good image, says what it did to unusual ones, and signs a set that verifies', async () => {
    const done = finished().filter(({ state }) => state === 'done');
    expect(done.map(({ path }) => path).sort()).toEqual([...corpus.good].sort());
    const notes = lines.filter(({ kind }) => kind === 'note').map(({ message }) => String(message));
    for (const path of corpus.noted) expect(notes.join('\n')).toContain(`${path}: `);
    const trustedOwners = [readTrustedOwner(await readFile(place.ownerPublic), 'owner')];
    const report = await verify(
      { path: out, trustedOwners, residualExpected: true },
      { listen: () => undefined },
    );
    expect({ verified: report.verified, images: report.images.length }).toEqual({
      verified: true,
      images: corpus.good.length,
    });
  });

  it('leaves the source as it was, nothing outside it, and no half file', async () => {
    expect(await everything(source)).toEqual(before);
    const written = Object.keys(await publicTree(out));
    expect(written).toHaveLength(3 * corpus.good.length + 1);
    const names = await readdir(out, { recursive: true });
    expect(names.filter((name) => isTemporaryName(name.split('/').at(-1) ?? ''))).toEqual([]);
  });

  it.skipIf(process.getuid?.() === 0)(
    'lists images it may not read (not as root, whom permissions do not stop)',
    async () => {
      const { chmod } = await import('node:fs/promises');
      const locked = place.path('locked.png');
      await writeFile(locked, 'x');
      await chmod(locked, 0);
      const refusal = await refusalOf('locked.png', () => readImage(locked));
      expect(refusal.message).toContain('permission denied');
    },
  );

  it('answers other damaged files with the documented codes', async () => {
    const path = (name: string) => place.path(name);
    await writeFile(path('cut.onnx'), (await readFile(place.surrogate)).subarray(0, 900));
    await writeFile(path('cut.key'), (await readFile(place.ownerKey)).subarray(0, 90));
    const copy = path('copy');
    await cp(out, copy, { recursive: true });
    const certificate = join(copy, 'plain.png.certificate.json');
    await writeFile(certificate, (await readFile(certificate)).subarray(0, 400));
    const one = ['--limit', '1', '--json'];
    const runs: [number, string[]][] = [
      [2, ['inspect', path('cut.onnx'), '--json']],
      [2, protectArguments(place, path('n1'), ['--victim', path('cut.onnx'), ...one])],
      [2, protectArguments(place, path('n2'), ['--labels', path('cut.key'), ...one])],
      [2, protectArguments(place, path('n3'), ['--owner-key', path('cut.key'), ...one])],
      [4, ['verify', join(copy, 'plain.png'), '--trust', place.ownerPublic, '--json']],
      [4, ['restore', join(copy, 'plain.png'), '--out', path('r'), '--owner-key', place.ownerKey, '--json']],
    ];
    for (const [code, args] of runs) {
      const ended = await medlocker(args);
      expect({ args, code: ended.code }).toEqual({ args, code });
      const last = jsonLines(ended.stdout).at(-1);
      if (last?.['kind'] === 'error') expect(lineDefect(String(last['message']))).toBeNull();
      expect(ended.stderr).not.toMatch(/^\s+at |a defect/m);
    }
    covered.set('by the command line', runs.length);
  });
});

/** Every entry below a folder, links not followed, with the bytes of its files. */
async function everything(root: string): Promise<string[]> {
  const hashes = await publicTree(root);
  // With file types, or it would follow the corpus's circular links.
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const name of entries.map((entry) => relative(root, join(entry.parentPath, entry.name))).sort()) {
    const info = await lstat(join(root, name));
    const { mode, size, mtimeMs } = info;
    found.push([name, mode, info.isDirectory() ? '' : size, mtimeMs, hashes[name] ?? ''].join(' '));
  }
  return found;
}

it('images with flipped bits are refused or decode to samples of their stated size', async () => {
  const png = await encodeLossless(synthesizeFundus({ grade: 2, seed: 7, size: 64 }).raster, 'png', null);
  const copies = [
    ...bitFlipped(await sharp(png).jpeg().toBuffer(), 24, 81),
    ...bitFlipped(await sharp(png).webp({ lossless: true }).toBuffer(), 16, 82),
    ...bitFlipped(await sharp(png).tiff({ compression: 'lzw' }).toBuffer(), 16, 83),
    ...bitFlipped(await sharp(png).gif().toBuffer(), 8, 84),
  ];
  covered.set('images that may stay readable', copies.length);
  for (const bytes of copies) {
    const outcome = await decodeImage(bytes, 'flipped', { maxPixels: 1e7 }).catch((error: unknown) => error);
    if (outcome instanceof Failure) expect(lineDefect(outcome.message)).toBeNull();
    else {
      const { raster } = outcome as Awaited<ReturnType<typeof decodeImage>>;
      expect(raster.data).toHaveLength(raster.width * raster.height * raster.channels);
    }
  }
});

describe('damaged graders', () => {
  let corpus: ModelCorpus;

  beforeAll(async () => {
    corpus = await writeModelCorpus(join(folder, 'models', 'here'));
  });

  it('are refused, each with a reason of one line', async () => {
    expect(await misbehaving('graders', corpus.refused, itself, (path) => openClassifier(path))).toEqual([]);
  });

  it('with one flipped bit are refused or open, and never crash or stall', async () => {
    covered.set('graders with a flipped bit', corpus.flipped.length);
    for (const path of corpus.flipped) {
      const outcome = await openClassifier(path, { threads: 1 }).catch((error: unknown) => error);
      if (outcome instanceof Error) expect([path, outcome.name]).toEqual([path, 'Failure']);
      if (outcome instanceof Failure) expect(lineDefect(outcome.message)).toBeNull();
      else (outcome as Awaited<ReturnType<typeof openClassifier>>).dispose();
    }
  });
});

it('damaged logos are refused, each with a reason of one line', async () => {
  const paths = await writeLogoCorpus(join(folder, 'logos'));
  expect(await misbehaving('logos', paths, itself, loadLogo)).toEqual([]);
});

it('damaged annotations are refused, each with a reason of one line', async () => {
  const paths = await writeAnnotationCorpus(join(folder, 'annotations'));
  const use = async (path: string) => {
    const { path: image, width, height } = annotatedImage;
    const found = await annotationsFor(await loadAnnotations(path), image, width, height);
    // A file that is passed over leaves the image not annotated, which a job refuses as well.
    if (found.kind === 'not-annotated')
      throw new Failure('annotation-mismatch', found.reason, { hint: 'as a job says it' });
    return found;
  };
  expect(await misbehaving('annotations', paths, itself, use)).toEqual([]);
  expect(Object.hasOwn(Object.prototype, 'images')).toBe(false);
});

it('damaged label files are refused, each with a reason of one line', async () => {
  const paths = await writeLabelCorpus(join(folder, 'labels'));
  const use = async (path: string) => (await readLabelFile(path)).gradeOf(annotatedImage.path);
  expect(await misbehaving('label files', paths, itself, use)).toEqual([]);
});

describe('a damaged protected set', () => {
  const owner = sampleOwner();
  const now = new Date('2026-02-01T00:00:00.000Z');
  const silent = { listen: () => undefined };
  let genuine: string;
  let damages: SetDamage[];

  beforeAll(async () => {
    genuine = join(folder, 'set');
    await writeSampleSet(genuine);
    damages = await setDamages(genuine);
    covered.set('files of protected sets', damages.length);
  });

  const verified = (path: string) => verify({ path, trustedOwners: [owner], residualExpected: true }, silent);
  const restored = (path: string, out: string) =>
    restore({ path, out, access: ownerAccess(owner), trustedOwners: [owner], preview: false, now }, silent);

  it('is genuine before the damage', async () => {
    expect((await verified(genuine)).verified).toBe(true);
    expect((await restored(genuine, join(folder, 'originals'))).restored).toHaveLength(2);
  });

  it('never verifies, never gives the damaged image back, and says why on one line', async () => {
    const wrong: string[] = [];
    for (const [index, damage] of damages.entries()) {
      const copy = join(folder, `set-${index}`);
      await cp(genuine, copy, { recursive: true });
      await damage.apply(copy);
      const reasons = await answers(damage, copy, join(folder, `originals-${index}`));
      const defect = reasons.map(lineDefect).find((found) => found !== null);
      if (reasons.length === 0) wrong.push(`${damage.name}: passed`);
      if (defect !== undefined) wrong.push(`${damage.name}: ${defect}: ${JSON.stringify(reasons)}`);
      await rm(copy, { recursive: true });
    }
    expect(wrong).toEqual([]);
  });

  /** Reasons of verification and restoration; empty when one of the two let the damage pass. */
  async function answers(damage: SetDamage, copy: string, out: string): Promise<string[]> {
    const report = await verified(copy).catch(asFailure);
    const ofVerify =
      report instanceof Failure
        ? [report.message]
        : report.verified
          ? []
          : [...(report.set === null ? [] : [report.set]), ...report.images]
              .flatMap(({ integrity, signature, trust }): VerificationLine[] => [integrity, signature, trust])
              .filter(({ status }) => status !== 'valid')
              .map(({ reason }) => reason);
    if (damage.image === null || ofVerify.length === 0) return ofVerify;
    const result = await restored(join(copy, damage.image), out).catch(asFailure);
    const ofRestore =
      result instanceof Failure ? [result.message] : result.failures.map(({ reason }) => reason);
    const back = await readFile(join(out, damage.image)).catch(() => null);
    return back === null && ofRestore.length > 0 ? [...ofVerify, ...ofRestore] : [];
  }

  it('damaged licences open nothing', async () => {
    const key = new RecipientKey('r', encodePkcs8('x25519', deterministicBytes('recipient')(32)));
    const other = new RecipientKey('o', encodePkcs8('x25519', deterministicBytes('other')(32)));
    const grant = async (publicKey: string, expires: Date | null) =>
      (
        await grantLicence({
          ...{ owner, setId: sampleSetId, licensee: 'r', terms: '', created: now, expires },
          scope: { kind: 'set' },
          recipient: { kind: 'x25519', publicKey },
        })
      ).licenceFile;
    const licence = await grant(key.publicKey, null);
    const open = (bytes: Buffer) =>
      openLicence({ licence: bytes, secret: { kind: 'x25519', key }, trustedOwners: [owner], now });
    await expect(open(licence)).resolves.toBeDefined();
    const files = [
      ...truncated(licence, 8, 91, 0.99),
      ...bitFlipped(licence, 10, 92),
      Buffer.alloc(0),
      Buffer.from('{}\n'),
      Buffer.from('no licence'),
      await grant(other.publicKey, null),
      await grant(key.publicKey, now),
    ];
    const named = files.map((bytes, index) => ({ bytes, name: `licence ${index}` }));
    const nameOf = ({ name }: { name: string }) => name;
    expect(await misbehaving('licences', named, nameOf, ({ bytes }) => open(bytes))).toEqual([]);
  });

  it('damaged key files are refused', async () => {
    const made = await createOwnerKey({ name: 'k', created: now, passphrase });
    const secret = made.secretKeyFile;
    const files = [
      ...truncated(secret, 6, 93, 0.99).map((bytes) => ({ bytes, isPublic: false })),
      // Where the encrypted part stands; each flip costs one scrypt.
      ...bitFlipped(
        secret,
        2,
        94,
        secret.indexOf('"ciphertext"') + 15,
        secret.indexOf('"ciphertext"') + 60,
      ).map((bytes) => ({ bytes, isPublic: false })),
      { bytes: Buffer.from('-----BEGIN PRIVATE KEY-----\n'), isPublic: false },
      { bytes: made.publicKeyFile, isPublic: false },
      { bytes: Buffer.alloc(70_000, 0x20), isPublic: false },
      ...truncated(made.publicKeyFile, 6, 95, 0.99).map((bytes) => ({ bytes, isPublic: true })),
      { bytes: Buffer.alloc(0), isPublic: true },
      { bytes: secret, isPublic: true },
    ];
    const use = async ({ bytes, isPublic }: (typeof files)[number]) =>
      isPublic ? readTrustedOwner(bytes, 'owner.pub') : await openOwnerKey(bytes, passphrase, 'owner.key');
    const nameOf = (file: (typeof files)[number]) => `key file ${files.indexOf(file)}`;
    expect(await misbehaving('key files', files, nameOf, use)).toEqual([]);
  });
});

function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  throw error;
}

it('the corpus holds at least 300 damaged inputs', () => {
  const total = [...covered.values()].reduce((sum, count) => sum + count, 0);
  const kinds = [...covered].map(([kind, count]) => `${count} ${kind}`).join(', ');
  process.stdout.write(`damaged inputs: ${total} (${kinds})\n`);
  expect(total).toBeGreaterThanOrEqual(300);
});
