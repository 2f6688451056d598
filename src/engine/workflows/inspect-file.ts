import { open, stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { readImageCertificate } from '../../ml/certificate/image-certificate.ts';
import { readLicence } from '../../ml/certificate/licence.ts';
import { readResidual } from '../../ml/certificate/residual.ts';
import { readSetManifest, manifestDefect } from '../../ml/certificate/set-manifest.ts';
import { hasValidSignature } from '../../ml/certificate/signed-document.ts';
import { describeSigner } from '../../ml/certificate/trust.ts';
import { findFieldOfView } from '../../ml/imaging/field-of-view.ts';
import { decodeImage } from '../../ml/imaging/read-image.ts';
import { loadAnnotations } from '../../ml/lesions/annotations/load-annotations.ts';
import { loadLogo } from '../../ml/watermark/logo.ts';
import { formats } from '../../shared/certificate.ts';
import { Failure } from '../../shared/failure.ts';
import type { InspectionKind } from '../../shared/inspection-kinds.ts';
import { inspectGrader } from './inspect-grader.ts';

/** What a file is, as names and values for a table and for `--json`. */
export interface Inspection {
  readonly file: string;
  readonly kind: InspectionKind;
  readonly facts: Readonly<Record<string, string | number | boolean | null>>;
}

/**
 * Looks at one file without changing anything. The kind is told by its content, or forced: an image can be asked about as a logo.
 *
 * @throws Failure with the same reason the file would be refused for in a job
 */
export async function inspectFile(file: string, forced?: InspectionKind): Promise<Inspection> {
  const info = await stat(file).catch((error: unknown) => {
    throw new Failure('usage', `${file} does not exist or cannot be opened`, {
      subject: file,
      hint: 'Check the path and the permissions.',
      cause: error,
    });
  });
  if (!info.isFile() && !info.isDirectory()) {
    throw new Failure('usage', `${file} is neither a file nor a folder`, {
      subject: file,
      hint: 'Pipes and devices are not looked at.',
    });
  }
  const kind = forced ?? (info.isDirectory() ? await folderKind(file) : await fileKind(file));
  return { file, kind, facts: await inspectors[kind](file) };
}

async function folderKind(folder: string): Promise<InspectionKind> {
  const hasModel = await stat(`${folder}/model.json`).then(
    () => true,
    () => false,
  );
  return hasModel ? 'model' : 'annotation';
}

async function fileKind(file: string): Promise<InspectionKind> {
  const extension = extname(file).toLowerCase();
  const head = (await readStart(file, 4096)).toString('latin1');
  if (extension === '.onnx') return 'model';
  if (head.startsWith(formats.residual)) return 'residual';
  if (head.includes(`"format":"${formats.licence}"`) || extension === '.licence') return 'licence';
  if (extension === '.json' || head.trimStart().startsWith('{')) {
    if (basename(file).endsWith('.certificate.json')) return 'certificate';
    if (basename(file) === 'medlocker-set.json') return 'manifest';
    return jsonKind(file, head);
  }
  if (extension === '.svg') return 'logo';
  if (extension === '.xml' || extension === '.csv') return 'annotation';
  return 'image';
}

/** Canonical JSON sorts its keys, so that "format" stands behind a body of any length. */
async function jsonKind(file: string, head: string): Promise<InspectionKind> {
  const end = (await readStart(file, 4096, true)).toString('latin1');
  if (end.includes(`"${formats.certificate}"`)) return 'certificate';
  if (end.includes(`"${formats.manifest}"`)) return 'manifest';
  if (end.includes(`"${formats.licence}"`)) return 'licence';
  return /"modelTopology"|"weightsManifest"|"layers-model"/.test(head + end) ||
    basename(file) === 'model.json'
    ? 'model'
    : 'annotation';
}

type Facts = Inspection['facts'];

const inspectors: Readonly<Record<InspectionKind, (file: string) => Promise<Facts>>> = {
  image: inspectImage,
  model: inspectGrader,
  logo: inspectLogo,
  annotation: inspectAnnotation,
  certificate: inspectCertificate,
  manifest: inspectManifest,
  licence: inspectLicence,
  residual: inspectResidual,
};

async function inspectImage(file: string): Promise<Facts> {
  const { raster, metadata } = await decodeImage(await readWhole(file), file);
  const field = fieldFacts(() => findFieldOfView(raster));
  return {
    format: metadata.format,
    width: raster.width,
    height: raster.height,
    channels: raster.channels,
    bitDepth: raster.bitDepth,
    orientation: metadata.orientation,
    iccBytes: metadata.icc?.length ?? 0,
    exifBytes: metadata.exif?.length ?? 0,
    xmpBytes: metadata.xmp?.length ?? 0,
    ...field,
    notes: metadata.notes.join(' '),
  };
}

function fieldFacts(find: () => ReturnType<typeof findFieldOfView>): Facts {
  try {
    const { bounds, radius, area } = find();
    return {
      fieldOfView: `${bounds.width} x ${bounds.height} at ${bounds.x},${bounds.y}`,
      fieldRadius: Math.round(radius),
      fieldPixels: area,
    };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { fieldOfView: error.message };
  }
}

async function inspectLogo(file: string): Promise<Facts> {
  const { width, height, opacityRule, sha256, matte } = await loadLogo(file);
  const inked = matte.reduce((sum, value) => sum + (value > 0 ? 1 : 0), 0);
  return { width, height, opacityRule, inkedShare: Number((inked / matte.length).toFixed(4)), sha256 };
}

async function inspectAnnotation(file: string): Promise<Facts> {
  const { index, tables, notes } = await loadAnnotations(file);
  return { filesOfImages: index.count, tables: tables.length, notes: notes.join('; ') };
}

async function inspectCertificate(file: string): Promise<Facts> {
  const { document, sha256 } = readImageCertificate(await readWhole(file), file);
  const { body } = document;
  return {
    image: body.image.path,
    size: `${body.image.width} x ${body.image.height} x ${body.image.channels}, ${body.image.bitDepth} bits`,
    imageId: body.imageId,
    setId: body.setId,
    owner: describeSigner(body.owner),
    signature: hasValidSignature(document) ? 'fits' : 'DOES NOT FIT',
    created: body.created,
    rights: `${body.rights.holder}${body.rights.text === '' ? '' : `: ${body.rights.text}`}`,
    marks: body.mark.placements.length,
    search: `${body.search.method}, ${body.search.forwards} forwards, ${body.search.gradients} gradients`,
    zone: `${body.zone.sources.map(({ kind }) => kind).join(', ')}; overlap ${body.zone.overlap} px, clearance ${body.zone.clearance ?? 'unbounded'} px`,
    psnr: body.quality.psnr,
    ssim: body.quality.ssim,
    restoration: `${body.restoration.kind}, ${body.restoration.bytes} bytes`,
    sha256,
  };
}

async function inspectManifest(file: string): Promise<Facts> {
  const { document } = readSetManifest(await readWhole(file), file);
  const { body } = document;
  return {
    setId: body.setId,
    owner: describeSigner(body.owner),
    signature: hasValidSignature(document) ? 'fits' : 'DOES NOT FIT',
    contents: manifestDefect(body) ?? 'consistent',
    created: body.created,
    protected: body.counts.protected,
    noRoom: body.counts.noRoom,
    failed: body.counts.failed,
    merkleRoot: body.merkleRoot,
  };
}

async function inspectLicence(file: string): Promise<Facts> {
  const { document } = readLicence(await readWhole(file), file);
  const { body } = document;
  return {
    licenceId: body.licenceId,
    setId: body.setId,
    scope: body.scope.kind === 'set' ? 'the whole set' : `${body.scope.imageIds.length} images`,
    owner: describeSigner(body.owner),
    signature: hasValidSignature(document) ? 'fits' : 'DOES NOT FIT',
    licensee: body.licensee,
    recipient: body.recipient.kind,
    created: body.created,
    expires: body.expires,
  };
}

async function inspectResidual(file: string): Promise<Facts> {
  const { header, sealed } = readResidual(await readWhole(file), file);
  return { ...header, encryptedBytes: sealed.length };
}

async function readWhole(file: string): Promise<Buffer> {
  const handle = await openOrFail(file);
  try {
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

async function readStart(file: string, bytes: number, fromEnd = false): Promise<Buffer> {
  const handle = await openOrFail(file);
  try {
    const { size } = await handle.stat();
    const buffer = Buffer.alloc(Math.min(bytes, size));
    await handle.read(buffer, 0, buffer.length, fromEnd ? size - buffer.length : 0);
    return buffer;
  } finally {
    await handle.close();
  }
}

async function openOrFail(file: string) {
  return open(file, 'r').catch((error: unknown) => {
    throw new Failure('usage', `${file} cannot be read`, {
      subject: file,
      hint: 'Check its permissions.',
      cause: error,
    });
  });
}
