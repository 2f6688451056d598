import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeSampleSet } from '../../../test/faults/sample-set.ts';
import { canonicalFile } from '../../ml/certificate/canonical-json.ts';
import { readImageCertificate } from '../../ml/certificate/image-certificate.ts';
import { encodePkcs8 } from '../../ml/certificate/key-encoding.ts';
import { RecipientKey } from '../../ml/certificate/recipient-key.ts';
import {
  deterministicBytes,
  sampleCreated,
  sampleOwner,
  sampleSetId,
} from '../../ml/certificate/sample-certificate.fixture.ts';
import { readSetManifest } from '../../ml/certificate/set-manifest.ts';
import { grantSetLicence } from './licence.ts';

const owner = sampleOwner();
const otherSetId = 'ff'.repeat(16);
let folder: string;
let set: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'medlocker-licence-'));
  set = join(folder, 'set');
  await writeSampleSet(set);
});

afterEach(() => rm(folder, { recursive: true, force: true }));

function grant(images: readonly string[] = [], by = owner) {
  const key = new RecipientKey('r', encodePkcs8('x25519', deterministicBytes('recipient')(32)));
  return grantSetLicence({
    ...{ owner: by, set, images, licensee: 'r', terms: '', created: sampleCreated, expires: null },
    recipient: { kind: 'x25519', publicKey: key.publicKey },
    out: join(folder, 'licence.json'),
  });
}

async function nothingWritten(): Promise<boolean> {
  return stat(join(folder, 'licence.json')).then(
    () => false,
    () => true,
  );
}

it('grants the set that the owner signed, or single images of it', async () => {
  expect((await grant()).body).toMatchObject({ setId: sampleSetId, scope: { kind: 'set' } });
  const file = join(set, 'b.png.certificate.json');
  const { imageId } = readImageCertificate(await readFile(file), file).document.body;
  expect((await grant(['b.png'])).body.scope).toEqual({ kind: 'images', imageIds: [imageId] });
});

it('refuses a manifest whose set id was exchanged, which would hand out the keys of another set', async () => {
  const file = join(set, 'medlocker-set.json');
  const { document } = readSetManifest(await readFile(file), file);
  await writeFile(file, canonicalFile({ ...document, body: { ...document.body, setId: otherSetId } }));
  await expect(grant()).rejects.toMatchObject({ code: 'signature-invalid' });
  expect(await nothingWritten()).toBe(true);
});

it('refuses a certificate whose image id was exchanged, with and without a manifest', async () => {
  const file = join(set, 'a.png.certificate.json');
  const { document } = readImageCertificate(await readFile(file), file);
  await writeFile(file, canonicalFile({ ...document, body: { ...document.body, imageId: otherSetId } }));
  await expect(grant(['a.png'])).rejects.toMatchObject({ code: 'signature-invalid' });
  await rm(join(set, 'medlocker-set.json'));
  await expect(grant()).rejects.toMatchObject({ code: 'signature-invalid' });
  expect(await nothingWritten()).toBe(true);
});

it('refuses an image that the owner protected in another set', async () => {
  const other = join(folder, 'other');
  await writeSampleSet(other, { owner, setId: otherSetId });
  await writeFile(join(set, 'a.png.certificate.json'), await readFile(join(other, 'a.png.certificate.json')));
  await expect(grant(['a.png'])).rejects.toMatchObject({ code: 'certificate-mismatch' });
});

it('refuses another owner key', async () => {
  await expect(grant([], sampleOwner('stranger'))).rejects.toMatchObject({ code: 'licence-invalid' });
});
