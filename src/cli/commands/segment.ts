import { availableParallelism } from 'node:os';
import { Option, type Command } from 'commander';
import type { SegmentResult } from '../../engine/workflows/segment.ts';
import { visibleText } from '../../shared/visible-text.ts';
import type { Console } from '../console.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { jobDisplay } from '../job-display.ts';
import { integerBetween } from '../option-values.ts';
import { runAction, withJson } from '../run-action.ts';

interface SegmentOptions {
  readonly out: string;
  readonly level: 'mark' | 'zone';
  readonly lesionNetwork?: string;
  readonly threads?: number;
  readonly json?: boolean;
}

const examples = `
Writes into the output folder
  masks/NAME_CLASS.png   one mask a class: MA microaneurysms, HE haemorrhages, EX hard exudates, SE soft exudates, OD disc
  overlays/NAME.jpg      the photograph with their outlines
  voc/NAME.xml           boxes (Pascal VOC)
  coco.json, boxes.csv   boxes and outlines of all images

Examples
  medlocker segment images --out lesions
  medlocker protect images --annotations lesions/masks --out protected ...      after a person has corrected the masks

An interrupted run goes on when the same command is started again. The masks are a machine's proposal, no diagnosis.`;

/** `medlocker segment`: lesions found by the network, as files other programs read. */
export function addSegment(program: Command): void {
  const command = program
    .command('segment')
    .summary('mark lesions and optic disc in a folder of images')
    .description(
      'Mark lesions and optic disc in a folder of images: masks, boxes and overlays, for people to check.',
    )
    .argument('<folder>', 'folder with the images (or one image); never written to')
    .requiredOption('-o, --out <folder>', 'where masks, boxes and overlays go')
    .addOption(
      new Option(
        '--level <name>',
        'mark: as a person outlines lesions; zone: generously, as protect keeps clear',
      )
        .choices(['mark', 'zone'])
        .default('mark'),
    )
    .option('--lesion-network <file>', 'network to use instead of the bundled one (.onnx of train-lesions)')
    .option('--threads <n>', 'threads of the network (default: all)', integerBetween(1, 256))
    .addHelpText('after', examples);
  withJson(command).action((source: string, options: SegmentOptions) =>
    runAction(options, async ({ console, signal }) => {
      const { segment } = await import('../../engine/workflows/segment.ts');
      const { bundledLesionNetwork } = await import('../../engine/workflows/bundled-lesion-network.ts');
      const display = jobDisplay(console);
      try {
        const result = await segment(
          {
            source,
            out: options.out,
            network: options.lesionNetwork ?? bundledLesionNetwork,
            level: options.level,
            threads: options.threads ?? availableParallelism(),
          },
          { listen: display.show, signal },
        );
        display.close();
        return report(result, console);
      } finally {
        display.close();
      }
    }),
  );
}

function report(
  { outcome, totals, failures, images, out, skipped }: SegmentResult,
  console: Console,
): ExitCode {
  const unsure = images.filter(({ sure }) => !sure);
  console.say();
  console.say(
    `${totals.done + totals.kept} marked (${totals.kept} from an earlier run), ${unsure.length} of them unsure, ${totals.failed} failed`,
  );
  for (const { path, notes } of unsure.slice(0, 20))
    console.say(`  unsure   ${visibleText(path)}: ${notes.join('; ')}`);
  for (const { path, reason, hint } of failures.slice(0, 20)) {
    console.say(`  failed   ${visibleText(path)}: ${reason}${hint === undefined ? '' : ` (${hint})`}`);
  }
  if (failures.length > 20) console.say(`  ... and ${failures.length - 20} more (--json lists them all)`);
  if (outcome === 'cancelled') console.say('cancelled: start the same command again to go on');
  console.emit({
    kind: 'result',
    outcome,
    totals,
    failures,
    out,
    skipped,
    images: images.map(({ path, sure, notes, parts }) => ({ path, sure, notes, found: countByClass(parts) })),
  });
  if (outcome === 'cancelled') return exitCodes.cancelled;
  return failures.length > 0 ? exitCodes.withFailures : exitCodes.done;
}

function countByClass(parts: SegmentResult['images'][number]['parts']): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { class: name } of parts) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
