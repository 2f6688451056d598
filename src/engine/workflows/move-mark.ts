import { createHash } from 'node:crypto';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { OwnerKey } from '../../ml/certificate/owner-key.ts';
import { measureImage } from '../../ml/evaluation/transfer.ts';
import { parsePipeline } from '../../ml/imaging/pipelines.ts';
import { decodeImage } from '../../ml/imaging/read-image.ts';
import { encodeLossless } from '../../ml/imaging/write-image.ts';
import { withDrawnBoxes, type DrawnBox } from '../../ml/lesions/drawn-zone.ts';
import type { ExplainableClassifier } from '../../ml/models/classifier.ts';
import { blend } from '../../ml/watermark/blend.ts';
import type { PlacedStamp } from '../../ml/watermark/stamp.ts';
import { Failure } from '../../shared/failure.ts';
import type { ProtectJob } from '../../shared/protect-job.ts';
import { protectSettings } from '../../shared/settings.ts';
import type { GraderRole, ImageTransfer } from '../../shared/transfer.ts';
import { readHeader, type JobHeader } from '../jobs/job-header.ts';
import { acquireLock } from '../jobs/job-lock.ts';
import { openJournal, type DoneRecord, type Journal } from '../jobs/journal.ts';
import { namesOf } from '../jobs/output-names.ts';
import { shardName, wholeJob } from '../jobs/shard.ts';
import { writeManifest } from './finish-set.ts';
import { certify, reportOf, writeImage, type Issue, type IssuedPixels } from './issue-image.ts';
import { dividedBy, type LeftOut } from './left-out.ts';
import { MarkPlaces, marksOnBoxes, movable, type Place } from './mark-places.ts';
import { manifestName, privateFolder } from './private-folder.ts';
import { qualityOf } from './protect-pixels.ts';
import { setIdOf } from './protect.ts';
import { removeReport } from './renew-report.ts';
import type { ReviewBook } from './review-book.ts';
import type { ReviewedImage } from './reviewed-image.ts';
import { checkSameSamples } from './written-check.ts';

export interface MoveRequest {
  readonly job: ProtectJob;
  readonly owner: OwnerKey;
  readonly image: ReviewedImage;
  /** Index into the certificate's placements. */
  readonly mark: number;
  /** Where its top left corner goes, in the stored image. */
  readonly to: Place;
  readonly graders: readonly { readonly classifier: ExplainableClassifier; readonly role: GraderRole }[];
  readonly review: ReviewBook;
  /** Which images the set certificate, where there is one already, may hold. */
  readonly leftOut: LeftOut;
}

/**
 * Moves one mark of a finished image to a legal place, measures it anew, certifies it anew, and writes everything that `protect` writes
 * of an image, then the set certificate if there is one; the report is taken away (renew-report.ts writes it). The decision on the image falls back to open: it was about another picture.
 *
 * @returns the image's new record, which stands in the journal
 * @throws Failure usage for an illegal place, key-unusable for another owner, job-inconsistent while a process works on the job
 */
export async function moveMark(request: MoveRequest): Promise<DoneRecord> {
  const { job, image, owner, review } = request;
  const folder = privateFolder(job.out, wholeJob);
  const header = await readHeader(folder.header);
  if (header === null) throw new Failure('job-inconsistent', 'the job is not in its output folder any more');
  if (header.settings['owner'] !== owner.publicKey) {
    throw new Failure('key-unusable', 'the image was signed with another owner key', {
      hint: 'Choose the key that the job was started with.',
    });
  }
  const drawn = review.boxes(image.record.path);
  requireLegal(request, drawn);
  const pixels = await movedPixels(request, drawn);
  const issue: Issue = {
    out: job.out,
    private: folder,
    writer: shardName(wholeJob),
    owner,
    setId: setIdOf(header),
    created: new Date(header.created),
    rights: image.certificate.rights,
  };
  const lock = await acquireLock(folder.lock);
  let journal: Journal | undefined;
  try {
    journal = await openJournal(folder.journal, header);
    // Before the image changes: a report is missing rather than wrong.
    await removeReport(job.out);
    const record = await issueMoved(request, pixels, issue);
    await journal.append(record);
    const { path, imageId } = record;
    await review.set(path, {
      ruling: { imageId, decision: { decision: 'open' }, edited: true, again: false },
    });
    await rewriteManifest(request, header, journal);
    return record;
  } finally {
    await journal?.close();
    await lock.release();
  }
}

function requireLegal({ image, mark, to }: MoveRequest, drawn: readonly DrawnBox[]): void {
  if (!new MarkPlaces(image, drawn, mark).isLegal(to)) {
    throw new Failure(
      'usage',
      'the mark cannot stand there: it would touch a lesion, the rim or another mark',
      {
        hint: 'Take one of the places that are lit up.',
      },
    );
  }
  if (marksOnBoxes(image, drawn).some((index) => index !== mark)) {
    throw new Failure('usage', 'more than one mark lies on a box you have drawn', {
      hint: 'Run the job again: it places all marks of this image anew.',
    });
  }
}

async function movedPixels(request: MoveRequest, drawn: readonly DrawnBox[]): Promise<IssuedPixels> {
  const { job, image, mark, to } = request;
  const { original, metadata, certificate, fieldOfView, workings } = image;
  const { zone: zoneBeforeDrawing, stamps: before } = movable(image);
  requireSameStamps(image, before);
  const stamps = before.map((one, index) => (index === mark ? { ...one, ...to } : one));
  const meant = blend(original, stamps);
  // Encoding runs in threads of its own, while graders and metrics look at what is meant: it is proven to be what is written.
  const [encoded, { transfer, quality }] = await Promise.all([
    encodeLossless(meant, job.format, job.stripMetadata ? null : metadata),
    measureMoved(request, meant).then((measured) => ({
      transfer: measured,
      quality: qualityOf(original, meant, fieldOfView, stamps),
    })),
  ]);
  const { raster: written } = await decodeImage(encoded, image.record.outputs.image.path);
  checkSameSamples(meant, written);
  const { placements, missing, size } = certificate.mark;
  return {
    original,
    written,
    encoded,
    zone: withDrawnBoxes(zoneBeforeDrawing, drawn),
    zoneBeforeDrawing,
    found: workings?.found ?? { lesions: [], disc: null, fovea: null },
    doubts: image.record.report.status === 'protected' ? image.record.report.zoneDoubts : [],
    label: certificate.label,
    settings: protectSettings.parse(certificate.settings),
    outcome: {
      stamps,
      placements: placements.map((one, index) => (index === mark ? { ...one, ...to } : one)),
      adapted: { missing, size },
      trace: certificate.search,
    },
    transfer,
    quality,
  };
}

/** What was kept must be what was certified: else the other marks would change too. */
function requireSameStamps({ certificate, record }: ReviewedImage, stamps: readonly PlacedStamp[]): void {
  const { placements } = certificate.mark;
  const same =
    stamps.length === placements.length &&
    stamps.every(({ x, y, stamp }, index) => {
      const digest = createHash('sha256').update(stamp.opacity).update(stamp.ink).digest('hex');
      const placed = placements[index];
      return placed.x === x && placed.y === y && placed.stampSha256 === digest;
    });
  if (same) return;
  throw new Failure('job-inconsistent', 'what was kept of the marks does not fit the certificate', {
    subject: record.path,
    hint: 'Run the job again to have the image made anew.',
  });
}

/** The answers to the moved marks; those to the marks at random places stay what they were. */
async function measureMoved(
  { graders, image }: MoveRequest,
  meant: ReviewedImage['original'],
): Promise<ImageTransfer> {
  const { original, certificate, record } = image;
  const before = record.report.status === 'protected' ? record.report.transfer : null;
  const ids = new Set(before?.graders.flatMap(({ pipelines }) => pipelines.map(({ pipeline }) => pipeline)));
  const measured = await measureImage({
    graders,
    pipelines: [...ids].map((id) => parsePipeline(id)),
    original,
    protected: meant,
    control: original,
    label: certificate.label,
  });
  return {
    ...measured,
    graders: measured.graders.map((grader) => {
      const earlier = before?.graders.find(
        ({ graderId, role }) => graderId === grader.graderId && role === grader.role,
      );
      return {
        ...grader,
        pipelines: grader.pipelines.map((answers) => ({
          ...answers,
          control:
            earlier?.pipelines.find(({ pipeline }) => pipeline === answers.pipeline)?.control ??
            answers.control,
        })),
      };
    }),
  };
}

async function issueMoved(
  { job, image, graders }: MoveRequest,
  pixels: IssuedPixels,
  issue: Issue,
): Promise<DoneRecord> {
  const { record, certificate } = image;
  const surrogates = graders.flatMap(({ classifier, role }) => (role === 'surrogate' ? [classifier] : []));
  const inputs = { job, logoSha256: certificate.mark.logoSha256, surrogates };
  const names = namesOf(record.outputs.image.path);
  const certified = certify(names.image, pixels, inputs, issue);
  const { outputs, imageId, clearance } = await writeImage(names, pixels, certified, issue);
  const report = reportOf(names.image, pixels, clearance, record.seconds);
  return { ...record, outputs, imageId, report };
}

async function rewriteManifest(
  { job: { out }, owner, leftOut }: MoveRequest,
  header: JobHeader,
  journal: Journal,
): Promise<void> {
  const manifest = join(out, manifestName);
  if ((await stat(manifest).catch(() => null)) === null) return;
  const { records, leftOut: apart } = dividedBy(leftOut, [...journal.records.values()]);
  // Nothing approved is left: no set is certified rather than an empty one.
  if (records.every(({ state }) => state !== 'done')) await rm(manifest, { force: true });
  else await writeManifest({ out, header, owner, setId: setIdOf(header), records, leftOut: apart });
}
