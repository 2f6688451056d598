import { join } from 'node:path';
import { expect, it } from 'vitest';
import { countResults } from './vitest-run.mjs';

const name = join(import.meta.dirname, 'a.test.ts');
const passed = { status: 'passed', title: 'works', ancestorTitles: [] };
const failed = { status: 'failed', title: 'breaks', ancestorTitles: [] };
const left = { status: 'skipped', title: 'flips', ancestorTitles: ['real graders (needs MEDLOCKER_DATA)'] };

it('counts what passed and failed', () => {
  const file = { name, status: 'failed', message: '', assertionResults: [passed, passed, failed] };
  const report = { numPassedTests: 2, numFailedTests: 1, testResults: [file] };
  expect(countResults(report, 1)).toEqual({ passed: 2, failed: 1, notes: [] });
});

it('counts a file that does not load as a failure and says why', () => {
  const file = { name, status: 'failed', message: 'SyntaxError: here\n  at', assertionResults: [] };
  const result = countResults({ numPassedTests: 0, numFailedTests: 0, testResults: [file] }, 1);
  expect(result.failed).toBe(1);
  expect(result.notes.join()).toMatch(/FAILED scripts.checks.a\.test\.ts: SyntaxError: here$/);
});

it('never reports success for a run that ended badly', () => {
  const file = { name, status: 'passed', message: '', assertionResults: [passed] };
  expect(countResults({ numPassedTests: 1, numFailedTests: 0, testResults: [file] }, 1).failed).toBe(1);
  expect(countResults(null, 0).failed).toBe(1);
});

it('lists what was left out, by its outermost title', () => {
  const file = { name, status: 'passed', message: '', assertionResults: [passed, left, left] };
  const { failed: failures, notes } = countResults(
    { numPassedTests: 1, numFailedTests: 0, testResults: [file] },
    0,
  );
  expect(failures).toBe(0);
  expect(notes.at(-1)).toMatch(/2 in .*a\.test\.ts: real graders \(needs MEDLOCKER_DATA\)$/);
});
