import type { Command } from 'commander';
import type { JobPlan } from '../../engine/workflows/plan.ts';
import type { Console } from '../console.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { withProtectOptions } from '../protect-command.ts';
import { protectJobOf, type ProtectOptions } from '../protect-options.ts';
import { runAction, withJson, type ActionContext } from '../run-action.ts';
import { humanBytes, humanDuration } from '../table.ts';

/** `medlocker plan`: the same as `protect --dry-run`. */
export function addPlan(program: Command): void {
  const command = withProtectOptions(program.command('plan'))
    .summary('show what protect would do, write nothing')
    .description(
      'Show what protect would do with the same options: files, skips, time and disk. Writes nothing and needs no key.',
    );
  withJson(command).action((source: string, options: ProtectOptions) =>
    runAction(options, (context) => showPlan(source, options, context)),
  );
}

export async function showPlan(
  source: string,
  options: ProtectOptions,
  { console, signal }: ActionContext,
): Promise<ExitCode> {
  const { planJob } = await import('../../engine/workflows/plan.ts');
  const plan = await planJob(protectJobOf(source, options), signal);
  sayPlan(plan, console);
  console.emit({ kind: 'plan', ...plan });
  return exitCodes.done;
}

function sayPlan(plan: JobPlan, console: Console): void {
  const { images, skipped, unreadable, finished, estimate, freeBytes } = plan;
  console.say(
    `${images.length} images to protect${finished > 0 ? `, ${finished} of them finished already` : ''}`,
  );
  list(console, `${unreadable.length} images that cannot be read`, unreadable);
  list(console, `${skipped.length} other files left out`, skipped);
  console.say(
    `time   ${estimate.seconds === null ? 'not known' : `about ${humanDuration(estimate.seconds)}`}`,
  );
  console.say(
    `disk   about ${humanBytes(estimate.bytes)}, ${freeBytes === null ? 'free space not known' : `${humanBytes(freeBytes)} free`}`,
  );
  console.say(`basis  ${estimate.basis}`);
  if (freeBytes !== null && freeBytes < estimate.bytes * 1.1) console.warn('warning: the disk is too small');
}

function list(console: Console, heading: string, files: JobPlan['skipped']): void {
  if (files.length === 0) return;
  console.say(heading);
  for (const { path, reason } of files.slice(0, 20)) console.say(`  ${path}: ${reason}`);
  if (files.length > 20) console.say(`  ... and ${files.length - 20} more (--json lists them all)`);
}
