import { Option, type Command } from 'commander';
import { presets, searchMethods } from '../../shared/settings.ts';
import { visibleText } from '../../shared/visible-text.ts';
import { Failure } from '../../shared/failure.ts';
import type { ProtectResult } from '../../engine/workflows/protect.ts';
import type { Console } from '../console.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { jobDisplay } from '../job-display.ts';
import { unlockOwnerKey } from '../key-files.ts';
import { camThreshold, collect, integerBetween, numberBetween } from '../option-values.ts';
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

/** The options that decide what a protected image looks like; `plan` takes the same. */
export function withProtectOptions(command: Command): Command {
  return command
    .argument('<folder>', 'folder with the images (or one image); never written to')
    .requiredOption('-o, --out <folder>', 'where the protected copy goes')
    .option('--logo <file>', 'logo with transparency: PNG, SVG, WebP')
    .option('--text <text>', 'text mark instead of a logo')
    .requiredOption(
      '-s, --surrogate <model>',
      'grader the search works against: .onnx or TensorFlow.js model.json (repeat)',
      collect,
    )
    .option('--victim <model>', 'grader that only measures the effect (repeat)', collect)
    .addOption(
      new Option(
        '-p, --preset <name>',
        'published: one plain logo; balanced: several textured marks; mesh: tiled text',
      )
        .choices(presets)
        .default('balanced'),
    )
    .option('--marks <n>', 'how many marks to aim at', integerBetween(1, 24))
    .option(
      '--size <fraction>',
      "longest side of a mark as a fraction of the field's diameter",
      numberBetween(0.02, 1),
    )
    .option('--opacity <fraction>', 'cap of the opacity, 0 to 1', numberBetween(0, 1))
    .option(
      '--min-psnr <dB>',
      'weaken the ink until the image keeps this PSNR (balanced: 28); 0 leaves it open',
      numberBetween(0, 60),
    )
    .option('--rotation <degrees>', 'clockwise', numberBetween(-180, 180))
    .option('--texture <fraction>', 'amplitude of the ink texture, 0 (plain) to 0.5', numberBetween(0, 0.5))
    .addOption(new Option('--search <method>', 'how places are searched').choices(searchMethods))
    .option(
      '--budget <n>',
      'most queries an image and surrogate: forwards + 2 x gradients',
      integerBetween(1, 100_000),
    )
    .option(
      '--pipeline <steps>',
      'what consumers do before grading, for the search: direct, jpeg:75, resize:50%, ... (repeat)',
      collect,
    )
    .option('--verify-pipeline <steps>', 'the same, for the measurement (repeat)', collect)
    .option('--labels <csv>', 'grades: columns file,grade')
    .option(
      '--annotations <path>',
      'lesions and landmarks: folder or file (mask PNG, Pascal VOC, COCO, CSV boxes)',
    )
    .option('--allow-unannotated', 'go on where the annotations say nothing about an image')
    .option(
      '--cam-threshold <level>',
      'keep free where the first surrogate looks: above 0..255, or its hottest 20%',
      camThreshold,
    )
    .option(
      '--dilation <pixels>',
      "margin around lesions and landmarks (default: 1 % of the field's diameter)",
      integerBetween(0, 2000),
    )
    .option('--no-landmarks', 'leave optic disc and fovea open unless annotated')
    .addOption(
      new Option('--format <name>', 'lossless format of the output')
        .choices(['png', 'tiff', 'webp'])
        .default('png'),
    )
    .option('--strip-metadata', 'leave EXIF, XMP and colour profile out (privacy)')
    .option('--seed <n>', 'same seed, same result', integerBetween(0, 0xffff_ffff), 1)
    .option('--owner <name>', 'holder of the rights, for the certificates (default: name in the key)')
    .option('--rights <text>', 'rights statement, for the certificates')
    .option('--threads <n>', 'threads of the graders (default: all)', integerBetween(1, 256))
    .option('--shard <i/n>', 'do only part i of n')
    .option('--retry-failed', 'try images again that failed in an earlier run')
    .option('--limit <n>', 'only the first n images', integerBetween(1, 10_000_000));
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
