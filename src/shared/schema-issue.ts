import type { z } from 'zod';

/** The first thing a schema found wrong, as "where: what", e.g. "annotations[3].bbox: Invalid input". */
export function describeIssue(error: z.ZodError): string {
  const [issue] = error.issues;
  const where = issue.path.reduce<string>(
    (path, part) =>
      typeof part === 'number' ? `${path}[${part}]` : path === '' ? String(part) : `${path}.${String(part)}`,
    '',
  );
  const what = issue.message.replace(
    /^Invalid input: expected (.+), received undefined$/,
    'is missing ($1 expected)',
  );
  return where === '' ? what : `${where}: ${what}`;
}
