// The checks behind `npm test`: the same here and in CI.
import { projectRoot } from '../bootstrap/machine.mjs';
import { SetupProblem } from '../bootstrap/run.mjs';
import { buildWindow } from '../window/build.mjs';
import { runStaticCheck, staticChecks } from './static-checks.mjs';
import { runVitest } from './vitest-run.mjs';

/** Type check, lint, format and unused code. Returns 0 or 1. */
export async function runStaticChecks(tools) {
  return conclude(await staticResults(tools));
}

/** Everything. Goes on after a failure, so that one run shows all of them. Returns 0 or 1. */
export async function runAllChecks(tools) {
  const checks = await staticResults(tools);
  const tests = await runVitest(tools);
  for (const line of tests.notes) process.stdout.write(`${line}\n`);
  return conclude({ passed: checks.passed + tests.passed, failed: checks.failed + tests.failed });
}

/** The last line is for machines: CI counts by it. */
function conclude({ passed, failed }) {
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
}

/** One line a check, and its output only when it failed. */
async function staticResults(tools) {
  const built = await buildResult(tools);
  let passed = built ? 1 : 0;
  for (const check of staticChecks) {
    const started = performance.now();
    const result = await runStaticCheck(check, { ...tools, folder: projectRoot });
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    process.stdout.write(`${result.passed ? 'ok    ' : 'FAILED'} ${check.name}  (${seconds} s)\n`);
    if (result.passed) passed += 1;
    else process.stdout.write(`${result.output}\n`);
  }
  return { passed, failed: staticChecks.length + 1 - passed };
}

/** Comes first: the page's messages are compiled by it, and the tests open what it builds. */
async function buildResult(tools) {
  const started = performance.now();
  try {
    await buildWindow(tools);
  } catch (error) {
    if (!(error instanceof SetupProblem)) throw error;
    process.stdout.write(`FAILED build of the window\n${error.message}\n`);
    return false;
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`ok     build of the window  (${seconds} s)\n`);
  return true;
}
