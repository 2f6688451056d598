import type { TransferSummary } from '../../shared/transfer.ts';
import { escapeHtml } from './escape-html.ts';
import type { ReportPicture } from './picture.ts';
import type { ReportInput } from './report-input.ts';

/** The whole report as one self-contained page. */
export function reportHtml(
  report: ReportInput,
  summary: TransferSummary,
  pictures: ReadonlyMap<string, ReportPicture>,
): string {
  return `<!doctype html><title>${escapeHtml(report.title)}</title><p>${summary.images} measured, ${pictures.size} pictured`;
}
