import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { Failure } from '../../shared/failure.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { collect } from '../option-values.ts';
import { runAction, withJson, type ActionContext } from '../run-action.ts';

interface BenchOptions {
  readonly only?: string[];
  readonly threads?: string;
  readonly list?: boolean;
  readonly output?: string;
  readonly json?: boolean;
}

/** `medlocker bench`: the figures of this project on this machine. */
export function addBench(program: Command): void {
  const command = program
    .command('bench')
    .summary('measure this machine')
    .description('Measure speed, memory and protection on this machine; sections without their data say so.')
    .option('--only <section>', 'only this section (repeat)', collect)
    .option('--list', 'list the sections')
    .option('--threads <n>', 'threads of the graders')
    .option('-o, --output <file>', 'also write the figures as JSON to this file');
  withJson(command).action((options: BenchOptions) =>
    runAction(options, (context) => runBench(options, context)),
  );
}

/** In a process of its own, so that what it measures is not disturbed by the command line. */
async function runBench(options: BenchOptions, { console, signal }: ActionContext): Promise<ExitCode> {
  const script = fileURLToPath(new URL('../../../bench/run.ts', import.meta.url));
  if (!existsSync(script)) {
    throw new Failure('runtime-missing', 'the bench is not part of this installation', {
      hint: 'Run it from a checkout of the project: npm run bench',
    });
  }
  const args = [script, ...(options.only ?? []).flatMap((name) => ['--only', name])];
  if (options.threads !== undefined) args.push('--threads', options.threads);
  if (options.list === true) args.push('--list');
  const folder = options.json === true ? await mkdtemp(join(tmpdir(), 'medlocker-bench-')) : undefined;
  const file = options.output ?? (folder === undefined ? undefined : join(folder, 'bench.json'));
  if (file !== undefined) args.push('--json', file);
  try {
    const code = await runNode(args, options.json === true, signal);
    if (signal.aborted) return exitCodes.cancelled;
    if (options.json === true && file !== undefined && options.list !== true) {
      console.emit(JSON.parse(await readFile(file, 'utf8')));
    }
    return code === 0 ? exitCodes.done : code === exitCodes.usage ? exitCodes.usage : exitCodes.stopped;
  } finally {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }
}

/** With `quiet` the tables for people go to standard error, so that standard output keeps the one document. */
function runNode(args: readonly string[], quiet: boolean, signal: AbortSignal): Promise<number | null> {
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', quiet ? process.stderr : 'inherit', 'inherit'],
  });
  signal.addEventListener('abort', () => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
}
