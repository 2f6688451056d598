import type { GraderAnswer } from '../../shared/transfer.ts';
import type { ReportImage } from './report-input.ts';

const columns = [
  'image',
  'status',
  'reason',
  'marks',
  'marks_missing',
  'ink_share',
  'psnr_db',
  'overlap_px',
  'clearance_px',
  'zone',
  'zone_doubts',
  'grader',
  'grader_sha256',
  'role',
  'pipeline',
  'label',
  'reference',
  'reference_source',
  'clean_correct',
  'answer_direct',
  'answer_clean',
  'answer_protected',
  'answer_control',
  'attack_success',
  'control_success',
  'pipeline_alone_changes',
  'logits_clean',
  'logits_protected',
  'logits_control',
] as const;

type Cell = string | number | boolean | readonly number[] | null | undefined;
type Row = Partial<Record<(typeof columns)[number], Cell>>;

/**
 * A row per image, grader and pipeline; an image without measurement has one row with its status. RFC 4180: comma, quotes
 * where needed, CRLF. The three success columns are empty where the image was not answered correctly clean.
 */
export function reportCsv(images: readonly ReportImage[]): string {
  const lines = images.flatMap(rowsOf).map((row) => columns.map((column) => field(row[column])).join(','));
  return [columns.join(','), ...lines, ''].join('\r\n');
}

function rowsOf(image: ReportImage): Row[] {
  if (image.status !== 'protected')
    return [{ image: image.name, status: image.status, reason: image.reason }];
  const head: Row = {
    image: image.name,
    status: image.status,
    marks: image.marks,
    marks_missing: image.missing,
    ink_share: image.inkShare,
    psnr_db: image.psnr,
    overlap_px: image.overlap,
    clearance_px: image.clearance,
    zone: image.zoneKinds.join(' '),
    zone_doubts: image.zoneDoubts.join('; '),
  };
  const { transfer } = image;
  if (transfer === null || transfer.graders.length === 0) return [head];
  return transfer.graders.flatMap((grader) =>
    grader.pipelines.map((answers): Row => {
      const changed = (answer: GraderAnswer): boolean | null =>
        grader.cleanCorrect ? answer.class !== grader.reference : null;
      return {
        ...head,
        grader: grader.grader,
        grader_sha256: grader.graderId,
        role: grader.role,
        pipeline: answers.pipeline,
        label: transfer.label,
        reference: grader.reference,
        reference_source: grader.referenceSource,
        clean_correct: grader.cleanCorrect,
        answer_direct: grader.direct.class,
        answer_clean: answers.clean.class,
        answer_protected: answers.protected.class,
        answer_control: answers.control.class,
        attack_success: changed(answers.protected),
        control_success: changed(answers.control),
        pipeline_alone_changes: changed(answers.clean),
        logits_clean: answers.clean.logits,
        logits_protected: answers.protected.logits,
        logits_control: answers.control.logits,
      };
    }),
  );
}

/**
 * Text that a spreadsheet would run as a formula gets a leading apostrophe (OWASP, CSV injection): file names come from
 * outside. Numbers are written as they are, several with spaces between them.
 */
function field(value: Cell): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return value.join(' ');
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
