import { basename, join } from 'node:path';
import type { OwnerKey } from '../../ml/certificate/owner-key.ts';
import { createSetManifest } from '../../ml/certificate/set-manifest.ts';
import { readImage } from '../../ml/imaging/read-image.ts';
import { uprightMask, uprightRaster } from '../../ml/imaging/upright.ts';
import { zoneFromPng } from '../../ml/lesions/zone-png.ts';
import type { TransferSummary } from '../../shared/transfer.ts';
import { summarizeTransfer } from '../../ml/evaluation/transfer-summary.ts';
import { protectSettings } from '../../shared/settings.ts';
import { version } from '../../shared/version.ts';
import { writeAtomically } from '../jobs/atomic-write.ts';
import type { JobHeader } from '../jobs/job-header.ts';
import type { DoneRecord, JournalRecord } from '../jobs/journal.ts';
import type { ReportImage, ReportInput } from '../report/report-input.ts';
import { writeReport, type ReportFiles, type ReportPixels } from '../report/write-report.ts';
import { bundledLesionNetwork } from './bundled-lesion-network.ts';
import { lesionNetworkFingerprint } from './job-fingerprint.ts';
import { readJobContext } from './job-context.ts';
import { putAside, putBack } from './output-file.ts';
import { manifestName, type PrivateFolder } from './private-folder.ts';

export interface FinishedSet {
  readonly manifest: string;
  readonly merkleRoot: string;
  readonly summary: TransferSummary;
  /** Private: pictures of originals are in it. */
  readonly report: ReportFiles | null;
}

export interface FinishRequest {
  readonly out: string;
  readonly folder: PrivateFolder;
  readonly header: JobHeader;
  readonly owner: OwnerKey;
  readonly setId: string;
  /** The latest record of every image of the whole job, all shards together. */
  readonly records: readonly JournalRecord[];
  /** Protected images that a review keeps out of the set: their files are put aside; none by default. */
  readonly leftOut?: readonly DoneRecord[] | undefined;
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
}

/** Writes the signed manifest of a job whose images are all through, and its report. */
export async function finishSet(request: FinishRequest): Promise<FinishedSet> {
  const { records } = request;
  const { path, merkleRoot } = await writeManifest(request);
  const summary = summarizeTransfer(
    records.flatMap((record) =>
      record.state === 'done' && record.report.status === 'protected' && record.report.transfer !== null
        ? [record.report.transfer]
        : [],
    ),
  );
  const report = await writeSetReport({ ...request, signer: request.owner.keyId, root: merkleRoot });
  return { manifest: path, merkleRoot, summary, report };
}

/** The manifest and what lies beside it, without a report: quick, for a set in which one image was changed. */
export async function writeManifest(
  request: Omit<FinishRequest, 'folder' | 'skipped'>,
): Promise<{ readonly path: string; readonly merkleRoot: string }> {
  const { out, owner, header, records, leftOut = [] } = request;
  await putBack(
    out,
    records.filter((record) => record.state === 'done'),
  );
  const ofState = (state: JournalRecord['state']) =>
    records.filter((record) => record.state === state).length;
  const { manifest, manifestFile } = createSetManifest({
    owner,
    setId: request.setId,
    created: new Date(header.created),
    toolVersion: version,
    licensee: null,
    terms: null,
    entries: records.flatMap((record) =>
      record.state === 'done'
        ? [
            {
              path: record.outputs.image.path,
              imageId: record.imageId,
              certificateSha256: record.outputs.certificate.sha256,
            },
          ]
        : [],
    ),
    counts: { noRoom: ofState('no-room'), failed: ofState('failed') },
  });
  const path = join(out, manifestName);
  await writeAtomically(path, manifestFile);
  await putAside(out, leftOut);
  return { path, merkleRoot: manifest.body.merkleRoot };
}

/** The report of a set whose manifest is written; null for a job from before its context was kept. */
export async function writeSetReport(
  request: Pick<FinishRequest, 'header' | 'records' | 'out' | 'folder' | 'skipped'> & {
    /** Id of the key that signed the manifest, and the root it states. */
    readonly signer: string;
    readonly root: string;
  },
): Promise<ReportFiles | null> {
  const { header, records, out, folder, signer, root } = request;
  const context = await readJobContext(folder.context);
  if (context === null) return null;
  const bySource = new Map(
    records.flatMap((record) =>
      record.state === 'done' ? [[record.outputs.image.path, record] as const] : [],
    ),
  );
  return writeReport(
    folder.report,
    {
      title: basename(out),
      createdAt: header.created,
      version,
      versions: context.versions,
      settings: protectSettings.parse(header.settings['settings']),
      settingsSha256: header.settingsSha256,
      logo: context.logo,
      graders: context.graders,
      lesionNetwork: await reportedNetwork(header),
      pipelines: context.pipelines,
      certificate: { signer, root },
      images: [...records].sort(byPath).map(reportImage).concat(request.skipped.map(skippedImage)),
    },
    async ({ name }) => {
      const record = bySource.get(name);
      return record === undefined ? null : pixelsOf(record, context.source, out, folder);
    },
  );
}

async function pixelsOf(
  record: DoneRecord,
  source: string,
  out: string,
  folder: PrivateFolder,
): Promise<ReportPixels> {
  const { raster: original, metadata } = await readImage(join(source, ...record.path.split('/')));
  const { raster: marked } = await readImage(join(out, ...record.outputs.image.path.split('/')));
  const zone = await zoneFromPng(folder.zone(record.outputs.image.path), original).catch(() => null);
  const { orientation } = metadata;
  return {
    original: uprightRaster(original, orientation),
    protected: uprightRaster(marked, orientation),
    zone: zone === null ? null : uprightMask(zone.mask, orientation),
  };
}

/** The job's lesion network as its fingerprint names it: `name:hash`. */
async function reportedNetwork({ settings }: JobHeader): Promise<ReportInput['lesionNetwork']> {
  const named = settings['lesionNetwork'];
  if (typeof named !== 'string') return null;
  const colon = named.lastIndexOf(':');
  const bundled = await lesionNetworkFingerprint(bundledLesionNetwork).catch(() => null);
  return { name: named.slice(0, colon), sha256: named.slice(colon + 1), bundled: named === bundled };
}

function reportImage(record: JournalRecord): ReportImage {
  if (record.state === 'done') return record.report;
  return {
    status: record.state,
    name: record.path,
    reason: record.reason,
    code: record.state === 'failed' ? record.code : null,
    hint: record.state === 'failed' ? record.hint : null,
  };
}

function skippedImage({ path, reason }: { readonly path: string; readonly reason: string }): ReportImage {
  return { status: 'skipped', name: path, reason, code: null, hint: null };
}

function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}
