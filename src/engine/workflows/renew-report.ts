import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { keyId } from '../../ml/certificate/key-encoding.ts';
import { readSetManifest } from '../../ml/certificate/set-manifest.ts';
import { readPlainFile } from '../../ml/plain-file.ts';
import { readHeader } from '../jobs/job-header.ts';
import { readJournal } from '../jobs/journal.ts';
import { wholeJob } from '../jobs/shard.ts';
import { reportFilesIn } from '../report/write-report.ts';
import { writeSetReport } from './finish-set.ts';
import { dividedBy, leftOutByReview } from './left-out.ts';
import { manifestName, privateFolder } from './private-folder.ts';
import { ReviewBook } from './review-book.ts';

export interface RenewRequest {
  /** Output folder of a job at rest. */
  readonly out: string;
  readonly reviewRequired: boolean;
  /** Files of the source that are no images. */
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
}

/** Writes the report of a signed set anew, after one of its images was changed by hand. Does nothing for a set without a certificate. */
export async function renewReport({ out, reviewRequired, skipped }: RenewRequest): Promise<void> {
  const folder = privateFolder(out, wholeJob);
  const manifest = await readPlainFile(join(out, manifestName)).catch(() => null);
  const header = await readHeader(folder.header);
  const journal = header === null ? null : await readJournal(folder.journal);
  if (manifest === null || header === null || journal === null) return;
  const { owner, merkleRoot } = readSetManifest(manifest, manifestName).document.body;
  const leftOut = leftOutByReview(await ReviewBook.open(folder.review), reviewRequired);
  const { records, reasons } = dividedBy(leftOut, journal.records);
  await writeSetReport({
    ...{ out, folder, header, records, skipped: [...skipped, ...reasons] },
    ...{ signer: keyId(owner.publicKey), root: merkleRoot },
  });
}

/** Takes a report away that no longer tells how the images are. */
export async function removeReport(out: string): Promise<void> {
  const { html, json, csv } = reportFilesIn(privateFolder(out, wholeJob).report);
  await Promise.all([html, json, csv].map((file) => rm(file, { force: true })));
}

/** Whether a signed set is without its report. */
export async function lacksReport(out: string): Promise<boolean> {
  const there = (path: string) =>
    stat(path).then(
      () => true,
      () => false,
    );
  const { html } = reportFilesIn(privateFolder(out, wholeJob).report);
  return (await there(join(out, manifestName))) && !(await there(html));
}
