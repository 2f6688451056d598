// The checks behind `npm test`: the same here and in CI.
import { join } from 'node:path';
import { runCheck } from './run-check.mjs';
import { runVitest } from './vitest-run.mjs';

const staticChecks = [
  { name: 'types (tsc)', script: ['typescript', 'bin', 'tsc'], args: ['--noEmit', '-p', '.'] },
  { name: 'lint (eslint)', script: ['eslint', 'bin', 'eslint.js'], args: ['.', '--max-warnings', '0'] },
  { name: 'format (prettier)', script: ['prettier', 'bin', 'prettier.cjs'], args: ['--check', '.'] },
  { name: 'unused code (knip)', script: ['knip', 'bin', 'knip.js'], args: ['--no-progress'] },
];

/** Type check, lint, format and unused code. Returns 0 or 1. */
export async function runStaticChecks(tools) {
  const { passed, failed } = await staticResults(tools);
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
}

/** Everything. Goes on after a failure, so that one run shows all of them. Returns 0 or 1. */
export async function runAllChecks(tools) {
  const checks = await staticResults(tools);
  const tests = await runVitest(tools);
  const passed = checks.passed + tests.passed;
  const failed = checks.failed + tests.failed;
  for (const line of tests.notes) process.stdout.write(`${line}\n`);
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
}

async function staticResults(tools) {
  let passed = 0;
  for (const check of staticChecks) {
    const script = join('node_modules', ...check.script);
    if (await runCheck(check.name, tools, [script, ...check.args])) passed += 1;
  }
  return { passed, failed: staticChecks.length - passed };
}
