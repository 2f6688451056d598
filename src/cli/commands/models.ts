import type { Command } from 'commander';
import type { EngineReport } from '../../ml/runtime/report.ts';
import type { ListedGrader } from '../../engine/workflows/list-graders.ts';
import { exitCodes } from '../exit-codes.ts';
import { factLines } from '../facts.ts';
import { runAction, withJson } from '../run-action.ts';
import { table } from '../table.ts';

const examples = `
Graders are ONNX files (PyTorch: torch.onnx.export) or TensorFlow.js layers models (model.json). Input: RGB in
[0, 1]; a grader that wants a mean and deviation gets them from NAME.medlocker.json beside NAME.onnx, for example
  {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}

Examples
  medlocker models list
  medlocker models list my-graders --start
  medlocker models inspect my-graders/resnet.onnx`;

/** `medlocker models`: engines and graders. */
export function addModels(program: Command): void {
  const models = program
    .command('models')
    .summary('list engines and graders, inspect a grader')
    .description('List the engines of this machine and grader files; inspect a grader.')
    .addHelpText('after', examples);

  const list = models
    .command('list')
    .description('engines of this machine, and the graders in a folder (default: the bundled ones)')
    .argument('[folder]', 'folder with graders')
    .option('--start', 'really start TensorFlow, to see its device');
  withJson(list).action((folder: string | undefined, options: { start?: boolean; json?: boolean }) =>
    runAction(options, async ({ console }) => {
      const { reportEngines } = await import('../../ml/runtime/report.ts');
      const { bundledGraders, listGraders } = await import('../../engine/workflows/list-graders.ts');
      const engines = await reportEngines({ start: options.start ?? false });
      const graders = await listGraders(folder ?? bundledGraders);
      console.say(engineTable(engines));
      for (const { engine, reason, hint } of engines) {
        if (reason !== '') console.say(`${engine}: ${reason}. ${hint}`);
      }
      console.say();
      console.say(
        graders.length === 0 ? `no graders in ${folder ?? 'assets/graders'}` : graderTable(graders),
      );
      console.emit({ engines, graders });
      return exitCodes.done;
    }),
  );

  withJson(
    models
      .command('inspect')
      .description('read, check and run a grader once')
      .argument('<model>', '.onnx file, model.json or its folder'),
  ).action((path: string, options: { json?: boolean }) =>
    runAction(options, async ({ console }) => {
      const { inspectGrader } = await import('../../engine/workflows/inspect-grader.ts');
      const facts = await inspectGrader(path);
      for (const line of factLines(facts)) console.say(line);
      console.emit({ file: path, kind: 'model', facts });
      return exitCodes.done;
    }),
  );
}

function engineTable(engines: readonly EngineReport[]): string {
  const rows = engines.map(({ engine, state, version, devices, purpose }) => [
    engine,
    state,
    version || null,
    devices.join(', ') || null,
    purpose,
  ]);
  return table(['engine', 'state', 'version', 'device', 'purpose'], rows);
}

function graderTable(graders: readonly ListedGrader[]): string {
  const rows = graders.map(({ file, usable, kind, size, classes, reason }) => [
    file,
    usable ? 'yes' : 'no',
    kind,
    size,
    classes,
    reason,
  ]);
  return table(['grader', 'usable', 'kind', 'input', 'classes', 'remark'], rows);
}
