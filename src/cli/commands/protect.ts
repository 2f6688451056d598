import type { Command } from 'commander';
import { visibleText } from '../../shared/visible-text.ts';
import { Failure } from '../../shared/failure.ts';
import type { ProtectResult } from '../../engine/workflows/protect.ts';
import type { Console } from '../console.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { jobDisplay } from '../job-display.ts';
import { unlockOwnerKey } from '../key-files.ts';
import { withProtectOptions } from '../protect-command.ts';
import { protectJobOf, type ProtectOptions } from '../protect-options.ts';
import { runAction, withJson, type ActionContext } from '../run-action.ts';
import { showPlan } from './plan.ts';

const examples = `
Examples
  Protect a folder against two graders, measured on a third that took no part:
    medlocker protect images --out protected --logo logo.png --owner-key owner.key \\
      --surrogate a.onnx --surrogate b.onnx --victim c.onnx

  Keep lesions free (masks, Pascal VOC, COCO or CSV boxes), with the grades at hand:
    medlocker protect images --out protected --logo logo.png --owner-key owner.key \\
      --surrogate a.onnx --annotations lesions --labels grades.csv

  See what would happen, without keys and without writing anything:
    medlocker protect images --out protected --logo logo.png --surrogate a.onnx --dry-run

  A fourth of the work on each of four machines, then one manifest:
    medlocker protect images --out shared/protected ... --shard 1/4     (2/4, 3/4, 4/4)
    medlocker merge shared/protected --owner-key owner.key

An interrupted job goes on when the same command is started again; finished images are kept.
The folder <out>/.medlocker is the owner's working folder (journal, zones, report): do not hand it on.`;

/** `medlocker protect`: the main job. */
export function addProtect(program: Command): void {
  const command = withProtectOptions(program.command('protect'))
    .summary('protect a folder of retinal images')
    .description(
      'Protect a folder of retinal images: marks, signed certificates, encrypted residuals, transfer report.',
    )
    .option('--owner-key <file>', 'secret key of the owner (medlocker keys create-owner)')
    .option(
      '--passphrase-file <file>',
      "first line is the key's passphrase (else MEDLOCKER_PASSPHRASE, else a prompt)",
    )
    .option('--dry-run', 'show files, skips, time and disk needed; write nothing')
    .addHelpText('after', examples);
  withJson(command).action((source: string, options: ProtectOptions) =>
    runAction(options, (context) =>
      options.dryRun === true ? showPlan(source, options, context) : protectFolder(source, options, context),
    ),
  );
}

async function protectFolder(
  source: string,
  options: ProtectOptions,
  { console, signal }: ActionContext,
): Promise<ExitCode> {
  const job = protectJobOf(source, options);
  if (options.ownerKey === undefined) {
    throw new Failure('usage', 'the owner key that signs the certificates is needed', {
      subject: '--owner-key',
      hint: 'Give --owner-key FILE; make one with: medlocker keys create-owner --out owner',
    });
  }
  const owner = await unlockOwnerKey(options.ownerKey, options.passphraseFile);
  const { protect } = await import('../../engine/workflows/protect.ts');
  const display = jobDisplay(console);
  try {
    const result = await protect(job, { owner, listen: display.show, signal, created: createdTime() });
    display.close();
    return await report(result, console);
  } finally {
    display.close();
    owner.wipe();
  }
}

/** https://reproducible-builds.org/specs/source-date-epoch: for jobs that must give the same bytes on another day. */
function createdTime(): Date {
  const epoch = process.env['SOURCE_DATE_EPOCH'];
  if (epoch === undefined || epoch === '') return new Date();
  const seconds = Number(epoch);
  if (Number.isInteger(seconds) && seconds >= 0 && seconds < 253_402_300_800) return new Date(seconds * 1000);
  throw new Failure('usage', `SOURCE_DATE_EPOCH is not a number of seconds: ${epoch}`, {
    subject: 'SOURCE_DATE_EPOCH',
    hint: 'Unset it, or set it to whole seconds since 1970.',
  });
}

async function report(result: ProtectResult, console: Console): Promise<ExitCode> {
  const { totals, set, failures, noRoom } = result;
  if (set !== null) {
    const { printSummaryTable } = await import('../../engine/report/summary-table.ts');
    console.say();
    console.say(printSummaryTable(set.summary));
  }
  console.say();
  console.say(
    `${totals.done + totals.kept} protected (${totals.kept} from an earlier run), ${totals.noRoom} without room, ${totals.failed} failed`,
  );
  for (const { path, reason } of noRoom.slice(0, 20))
    console.say(`  no room  ${visibleText(path)}: ${reason}`);
  for (const { path, reason, hint } of failures.slice(0, 20)) {
    console.say(`  failed   ${visibleText(path)}: ${reason}${hint === undefined ? '' : ` (${hint})`}`);
  }
  if (failures.length > 20) console.say(`  ... and ${failures.length - 20} more, see the report`);
  if (failures.length > 0) console.say('Try the failed ones again with --retry-failed.');
  if (set !== null) console.say(`manifest  ${set.manifest}`);
  if (set?.report != null) console.say(`report    ${set.report.html} (private: shows originals)`);
  if (result.outcome === 'cancelled') console.say('cancelled: start the same command again to go on');
  console.emit({ kind: 'result', ...result });
  if (result.outcome === 'cancelled') return exitCodes.cancelled;
  return failures.length > 0 ? exitCodes.withFailures : exitCodes.done;
}
