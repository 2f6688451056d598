// npm run bench [-- --only NAME] [--json FILE] [--threads N]: every figure the project claims, measured on this machine.
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { realData } from '../test/real-data.ts';
import type { BenchContext, BenchSection, BenchTable } from './harness.ts';
import { NotMeasured, reaches } from './harness.ts';
import { machine } from './machine.ts';
import { tableText } from './print-table.ts';

type Outcome =
  | { name: string; question: string; state: 'measured'; seconds: number; table: BenchTable }
  | { name: string; question: string; state: 'not measured' | 'failed'; reason: string };

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    json: { type: 'string' },
    threads: { type: 'string', default: '2' },
    list: { type: 'boolean', default: false },
  },
});

const sections = await loadSections();
const chosen = sections.filter((section) => options.only?.includes(section.name) ?? true);
const unknown = options.only?.filter((name) => !sections.some((section) => section.name === name)) ?? [];
if (unknown.length > 0 || options.list) {
  if (unknown.length > 0) console.error(`No section ${unknown.join(', ')}. There are:`);
  for (const { name, question } of sections) console.log(`${name.padEnd(24)}${question}`);
  process.exitCode = unknown.length > 0 ? 2 : 0;
} else {
  await main();
}

async function main(): Promise<void> {
  const context: BenchContext = {
    data: realData,
    threads: Number(options.threads),
    say: (line) => {
      console.error(`  ${line}`);
    },
  };
  const outcomes: Outcome[] = [];
  for (const section of chosen) {
    console.log(`\n${section.name}: ${section.question}`);
    const outcome = await measure(section, context);
    outcomes.push(outcome);
    console.log(
      outcome.state === 'measured' ? tableText(outcome.table) : `${outcome.state}: ${outcome.reason}`,
    );
  }
  const report = { madeAt: new Date().toISOString(), machine: machine(), sections: outcomes };
  if (options.json !== undefined) {
    await mkdir(dirname(options.json), { recursive: true });
    await writeFile(options.json, `${JSON.stringify(report, null, 2)}\n`);
  }
  console.log(`\n${verdict(outcomes)}`);
  if (outcomes.some((outcome) => outcome.state === 'failed')) process.exitCode = 1;
}

async function measure(section: BenchSection, context: BenchContext): Promise<Outcome> {
  const { name, question } = section;
  const started = performance.now();
  try {
    const table = await section.run(context);
    return { name, question, state: 'measured', seconds: (performance.now() - started) / 1000, table };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { name, question, state: error instanceof NotMeasured ? 'not measured' : 'failed', reason };
  }
}

async function loadSections(): Promise<BenchSection[]> {
  const folder = join(import.meta.dirname, 'sections');
  const files = (await readdir(folder))
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .sort();
  const modules = await Promise.all(
    files.map(
      async (name) => (await import(pathToFileURL(join(folder, name)).href)) as { section: BenchSection },
    ),
  );
  return modules.map(({ section }) => section);
}

function verdict(outcomes: readonly Outcome[]): string {
  const rows = outcomes.flatMap((outcome) => (outcome.state === 'measured' ? outcome.table.rows : []));
  const judged = rows.map(reaches).filter((answer) => answer !== null);
  const missing = outcomes.filter((outcome) => outcome.state !== 'measured').length;
  const reached = judged.filter(Boolean).length;
  return `${reached} of ${judged.length} targets reached; ${missing} of ${outcomes.length} sections not measured`;
}
