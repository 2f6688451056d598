// Remembers for an hour why an optional step failed, so that the next starts say so at once instead of trying again.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { projectRoot, readJsonOrNull } from './machine.mjs';

const file = join(projectRoot, '.cache', 'libtensorflow-problem.json');
const lifetime = 60 * 60 * 1000;

/** The message of a failure less than an hour old, else null. */
export function recentProblem() {
  const problem = readJsonOrNull(file);
  if (problem === null) return null;
  const age = Date.now() - problem.at;
  return age >= 0 && age < lifetime
    ? `${problem.message} (tried less than an hour ago; npm run setup tries again)`
    : null;
}

export function rememberProblem(message) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ at: Date.now(), message }));
}

export function forgetProblem() {
  rmSync(file, { force: true });
}
