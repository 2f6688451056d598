import { z } from 'zod';
import { transferSummarySchema, type TransferSummary } from '../../shared/transfer.ts';
import { reportInputSchema, type ReportInput } from './report-input.ts';

/** report.json: the summary first, then everything it was computed from. */
export const reportJsonSchema = z.strictObject({
  format: z.literal('medlocker-report/1'),
  summary: transferSummarySchema,
  report: reportInputSchema,
});

/** Ends with a line feed; keys keep the schema's order, so that equal jobs give equal bytes. */
export function reportJson(report: ReportInput, summary: TransferSummary): string {
  const document: z.infer<typeof reportJsonSchema> = { format: 'medlocker-report/1', summary, report };
  return `${JSON.stringify(document, null, 1)}\n`;
}
