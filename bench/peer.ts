import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { z } from 'zod';
import { NotMeasured } from './harness.ts';

const execute = promisify(execFile);
const tenMinutes = 600_000;

/**
 * Runs a Python script of bench/peers and parses the JSON it prints as its last line.
 * The interpreter is the one that MEDLOCKER_PEER_PYTHON names, or python3; it must have the packages that the script needs.
 * @throws NotMeasured when there is no such interpreter, a package is missing, or the script fails
 */
export async function runPeer<Schema extends z.ZodType>(
  script: string,
  args: readonly string[],
  schema: Schema,
  packages: readonly string[] = ['torch'],
): Promise<z.infer<Schema>> {
  const python = process.env.MEDLOCKER_PEER_PYTHON ?? 'python3';
  await requirePackages(python, packages);
  const path = join(import.meta.dirname, 'peers', script);
  let stdout: string;
  try {
    ({ stdout } = await execute(python, [path, ...args], { timeout: tenMinutes, maxBuffer: 64 * 2 ** 20 }));
  } catch (error) {
    throw new NotMeasured(`${script} failed: ${lastLine(error)}`);
  }
  const parsed = schema.safeParse(JSON.parse(stdout.trim().split('\n').at(-1) ?? 'null'));
  if (!parsed.success)
    throw new NotMeasured(`${script} printed something else than agreed: ${parsed.error.message}`);
  return parsed.data;
}

async function requirePackages(python: string, packages: readonly string[]): Promise<void> {
  try {
    await execute(python, ['-c', `import ${packages.join(', ')}`], { timeout: tenMinutes });
  } catch (error) {
    throw new NotMeasured(
      `${python} has no ${packages.join(', ')} (${lastLine(error)}); MEDLOCKER_PEER_PYTHON names another interpreter`,
    );
  }
}

function lastLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const words = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr.trim() : '';
  return (words === '' ? error.message : words).split('\n').at(-1) ?? '';
}
