// The tests, and how many of them passed, failed or were left out and why.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { projectRoot, readJsonOrNull } from '../bootstrap/machine.mjs';

// CI has 40 minutes in all; the rest is for the set-up and the static checks.
const limit = 32 * 60_000;

/** @returns {Promise<{passed: number, failed: number, notes: string[]}>} */
export async function runVitest(tools) {
  const folder = await mkdtemp(join(tmpdir(), 'medlocker-tests-'));
  try {
    const file = join(folder, 'results.json');
    const code = await run(tools, ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]);
    return countResults(readJsonOrNull(file), code);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Counts from vitest's JSON report. A file that does not even load is one failure; so is an exit code other than 0 that no
 * counted failure explains (a crashed worker, an unhandled rejection, the time limit).
 */
export function countResults(report, code) {
  if (report === null)
    return { passed: 0, failed: 1, notes: [`vitest wrote no report and ended with code ${code}`] };
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
  );
  const counted = report.numFailedTests + brokenFiles.length;
  const notes = brokenFiles.map(
    (file) => `FAILED ${relative(projectRoot, file.name)}: ${firstLine(file.message)}`,
  );
  const unexplained = code !== 0 && counted === 0;
  if (unexplained) notes.push(`FAILED vitest ended with code ${code} although no test failed`);
  return {
    passed: report.numPassedTests,
    failed: counted + (unexplained ? 1 : 0),
    notes: [...notes, ...skippedNotes(report)],
  };
}

function skippedNotes(report) {
  const lines = [];
  for (const file of report.testResults) {
    const skipped = file.assertionResults.filter((test) =>
      ['skipped', 'pending', 'todo'].includes(test.status),
    );
    const groups = new Map();
    for (const test of skipped) {
      const title = test.ancestorTitles[0] ?? test.title;
      groups.set(title, (groups.get(title) ?? 0) + 1);
    }
    for (const [title, count] of groups)
      lines.push(`  ${count} in ${relative(projectRoot, file.name)}: ${title}`);
  }
  return lines.length === 0 ? [] : ['', 'left out here:', ...lines];
}

function run(tools, reporters) {
  return new Promise((resolve) => {
    const script = join('node_modules', 'vitest', 'vitest.mjs');
    const env = process.stdout.isTTY ? tools.env : { ...tools.env, NO_COLOR: '1' };
    const child = spawn(tools.node, [script, 'run', ...reporters], {
      cwd: projectRoot,
      env,
      stdio: ['ignore', 'inherit', 'inherit'],
      timeout: limit,
    });
    child.on('error', () => resolve(1));
    child.on('close', (code) => resolve(code ?? 1));
  });
}

function firstLine(text) {
  return (text ?? '').trim().split('\n')[0];
}
