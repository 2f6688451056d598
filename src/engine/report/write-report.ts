import path from 'node:path';
import type { BinaryMask } from '../../ml/imaging/plane.ts';
import type { Raster } from '../../ml/imaging/raster.ts';
import { summarizeTransfer } from '../../ml/evaluation/transfer-summary.ts';
import { writeAtomically } from '../jobs/atomic-write.ts';
import { reportInputSchema, type ProtectedReportImage, type ReportInput } from './report-input.ts';
import { reportCsv } from './report-csv.ts';
import { reportJson } from './report-json.ts';
import { reportHtml } from './report-html.ts';
import { makePicture, type ReportPicture } from './picture.ts';
import { pictured } from './pictured.ts';

/** Pixels of one protected image, as `writeReport` asks for them one image at a time. */
export interface ReportPixels {
  readonly original: Raster;
  readonly protected: Raster;
  /** Outlined in the picture; null leaves the outline out. */
  readonly zone: BinaryMask | null;
}

export interface ReportFiles {
  readonly html: string;
  readonly json: string;
  readonly csv: string;
}

/**
 * Writes report.html, report.json and report.csv into `folder` (made if missing), each atomically.
 * `loadPixels` is called once for each pictured image (at most `maxPictures`, spread evenly over the set, never chosen by
 * outcome), one after the other; null or a failure leaves that picture out and says so.
 * Throws ZodError for an input that breaks the schema: that is a defect of the caller.
 */
export async function writeReport(
  folder: string,
  input: ReportInput,
  loadPixels: (image: ProtectedReportImage) => Promise<ReportPixels | null>,
  options: { maxPictures?: number } = {},
): Promise<ReportFiles> {
  const { maxPictures = 24 } = options;
  const report = reportInputSchema.parse(input);
  const summary = summarizeTransfer(
    report.images.flatMap((image) =>
      image.status === 'protected' && image.transfer !== null ? [image.transfer] : [],
    ),
  );
  const pictures = new Map<string, ReportPicture>();
  for (const image of pictured(report.images, maxPictures)) {
    const picture = await loadPicture(image, loadPixels);
    if (picture !== null) pictures.set(image.name, picture);
  }
  const files = reportFilesIn(folder);
  await writeAtomically(files.csv, reportCsv(report.images));
  await writeAtomically(files.json, reportJson(report, summary));
  await writeAtomically(files.html, reportHtml(report, summary, pictures));
  return files;
}

/** Where a report lies in its folder. */
export function reportFilesIn(folder: string): ReportFiles {
  return {
    html: path.join(folder, 'report.html'),
    json: path.join(folder, 'report.json'),
    csv: path.join(folder, 'report.csv'),
  };
}

/** A picture is a convenience: whatever goes wrong with one must not cost the report. */
async function loadPicture(
  image: ProtectedReportImage,
  loadPixels: (image: ProtectedReportImage) => Promise<ReportPixels | null>,
): Promise<ReportPicture | null> {
  try {
    const pixels = await loadPixels(image);
    return pixels === null ? null : await makePicture(pixels);
  } catch {
    return null;
  }
}
