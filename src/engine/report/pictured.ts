import type { ProtectedReportImage, ReportImage } from './report-input.ts';

/** At most `limit` protected images, evenly spaced in listing order: never chosen by how well the protection worked. */
export function pictured(images: readonly ReportImage[], limit: number): ProtectedReportImage[] {
  const candidates = images.filter((image): image is ProtectedReportImage => image.status === 'protected');
  if (candidates.length <= limit) return candidates;
  const step = candidates.length / limit;
  return Array.from({ length: limit }, (_, index) => candidates[Math.floor((index + 0.5) * step)]);
}
