import { Option, type Command } from 'commander';
import { inspectionKinds, type InspectionKind } from '../../shared/inspection-kinds.ts';
import { exitCodes } from '../exit-codes.ts';
import { factLines } from '../facts.ts';
import { runAction, withJson } from '../run-action.ts';

const examples = `
Examples
  medlocker inspect eye.jpg                          size, depth, metadata, field of view
  medlocker inspect grader.onnx                      shapes, operators, whether it can be a surrogate
  medlocker inspect logo.png --as logo
  medlocker inspect protected/eye.png.certificate.json
  medlocker inspect protected/medlocker-set.json --json`;

/** `medlocker inspect`: what a file is, and why it could not be used. */
export function addInspect(program: Command): void {
  const command = program
    .command('inspect')
    .summary('show what a file is')
    .description(
      'Show what an image, grader, logo, annotation, certificate, manifest, licence or residual is.',
    )
    .argument('<file>', 'file, or folder of a model or of annotations')
    .addOption(new Option('--as <kind>', 'take it as this kind').choices(inspectionKinds))
    .addHelpText('after', examples);
  withJson(command).action((file: string, options: { as?: InspectionKind; json?: boolean }) =>
    runAction(options, async ({ console }) => {
      const { inspectFile } = await import('../../engine/workflows/inspect-file.ts');
      const inspection = await inspectFile(file, options.as);
      console.say(`${inspection.file}: ${inspection.kind}`);
      for (const line of factLines(inspection.facts)) console.say(line);
      console.emit(inspection);
      return exitCodes.done;
    }),
  );
}
