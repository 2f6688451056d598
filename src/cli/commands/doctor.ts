import type { Command } from 'commander';
import type { DoctorReport } from '../../engine/workflows/doctor.ts';
import { exitCodes } from '../exit-codes.ts';
import { runAction, withJson } from '../run-action.ts';
import { humanBytes, table } from '../table.ts';

const examples = `
Examples
  medlocker doctor                    what works here, and what to do about the rest
  medlocker doctor --json
  medlocker doctor --install-gpu      the CUDA build of TensorFlow (2.4 GB, asks first)`;

interface Options {
  readonly json?: boolean;
  readonly installGpu?: boolean;
  readonly plan?: boolean;
  readonly yes?: boolean;
}

/** `medlocker doctor`: engines and devices of this machine. */
export function addDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .summary('show which engines and devices this machine has')
    .description(
      'Show which engines and devices this machine really has, and what to do when one is missing.',
    )
    .option('--install-gpu', 'install the CUDA build of TensorFlow for NVIDIA GPUs (Linux x64)')
    .option('--plan', 'with --install-gpu: only say what would be downloaded')
    .option('--yes', 'with --install-gpu: do not ask')
    .addHelpText('after', examples);
  withJson(command).action((options: Options) =>
    runAction(options, async ({ console, signal }) => {
      if (options.installGpu === true) {
        const { installGpu } = await import('../install-gpu.ts');
        return installGpu(console, signal, options);
      }
      const { examine } = await import('../../engine/workflows/doctor.ts');
      const report = await examine();
      console.say(table(['part', 'version', 'state'], rows(report)));
      for (const { level, message, hint } of report.findings) {
        console.say();
        console.say(`${level}: ${message}`);
        console.say(`         ${hint}`);
      }
      if (report.findings.length === 0) {
        console.say();
        console.say('everything this machine can do works');
      }
      console.emit(report);
      return report.findings.some(({ level }) => level === 'problem') ? exitCodes.negative : exitCodes.done;
    }),
  );
}

function rows({ medlocker, node, machine, engines, images, gpus }: DoctorReport): (string | null)[][] {
  const disk = (bytes: number | null): string => (bytes === null ? 'unknown' : `${humanBytes(bytes)} free`);
  const gpuRows = gpus.devices.map(({ index, name, memory }) => [
    `GPU ${index}`,
    name,
    memory === null ? null : humanBytes(memory),
  ]);
  return [
    ['MedLocker', medlocker, null],
    ['Node', node.version, node.platform],
    ['sharp', images?.sharp ?? null, images === null ? 'missing' : `libvips ${images.libvips}`],
    ...engines.map(({ engine, version, state, devices }) => [
      engine,
      version || null,
      state === 'ready' ? `computes on ${devices.join(', ')}` : state,
    ]),
    ...(gpuRows.length > 0 ? gpuRows : [['GPU', null, 'no NVIDIA GPU seen']]),
    ['NVIDIA driver', gpus.driver, gpus.driver === null ? 'not loaded' : null],
    ['processor', machine.processor, `${machine.threads} threads`],
    ['memory', humanBytes(machine.memory), `${humanBytes(machine.memoryAvailable)} available`],
    ['disk', 'current folder', disk(machine.diskHere)],
    ['disk', 'cache of the set-up', disk(machine.diskCache)],
  ];
}
