import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import type { DemoResult } from '../../engine/workflows/demo.ts';
import { presets, type Preset } from '../../shared/settings.ts';
import type { Console } from '../console.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { jobDisplay } from '../job-display.ts';
import { integerBetween } from '../option-values.ts';
import { runAction, withJson } from '../run-action.ts';
import { table } from '../table.ts';

interface DemoOptions {
  readonly out: string;
  readonly preset: Preset;
  readonly threads?: number;
  readonly json?: boolean;
}

/** `medlocker demo`: everything once. */
export function addDemo(program: Command): void {
  const command = program
    .command('demo')
    .summary('see everything once, with made-up images')
    .description(
      'Protect, verify and restore the sample images that come with the program, with its demo graders.',
    )
    .option('-o, --out <folder>', 'folder to fill', 'demo-output')
    .addOption(new Option('-p, --preset <name>', 'which marks').choices(presets).default('balanced'))
    .option('--threads <n>', 'threads of the graders (default: all)', integerBetween(1, 256));
  withJson(command).action((options: DemoOptions) =>
    runAction(options, async ({ console, signal }) => {
      const { demo } = await import('../../engine/workflows/demo.ts');
      const display = jobDisplay(console);
      const out = resolve(options.out);
      const result = await demo(
        { out, preset: options.preset, threads: options.threads ?? availableParallelism() },
        { listen: display.show, signal },
      ).finally(() => display.close());
      if (result === null) return exitCodes.cancelled;
      await report(result, console);
      return exitCodeOf(result);
    }),
  );
}

async function report(result: DemoResult, console: Console): Promise<void> {
  const { protection, verified, restored } = result;
  const { totals, set } = protection;
  const { printSummaryTable } = await import('../../engine/report/summary-table.ts');
  console.say();
  console.say(
    table(
      ['step', 'images', 'good'],
      [
        ['protected', totals.total, totals.done + totals.kept],
        ['verified (integrity, signature, trust)', verified.images, verified.valid],
        ['restored bit for bit', restored.images, restored.exact],
      ],
    ),
  );
  if (totals.noRoom > 0)
    console.say(`${totals.noRoom} images had no room for a mark beside their lesions and were left out`);
  console.say();
  if (set !== null) console.say(printSummaryTable(set.summary));
  console.say();
  console.say(
    'The demo graders learned on invented images: this shows the way, not how well real graders are misled.',
  );
  console.say(`protected images  ${protection.out}`);
  console.say(`manifest          ${set?.manifest ?? 'none'}`);
  if (set?.report != null) console.say(`report            ${set.report.html}`);
  console.emit({ kind: 'result', ...result });
}

function exitCodeOf({ protection, verified, restored }: DemoResult): ExitCode {
  if (protection.totals.failed > 0) return exitCodes.withFailures;
  return verified.set && restored.exact === restored.images ? exitCodes.done : exitCodes.negative;
}
