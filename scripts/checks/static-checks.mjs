// The checks that read the code without running it.
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const limit = 10 * 60_000;

/** @type {readonly {name: string, script: readonly string[], args: readonly string[]}[]} */
export const staticChecks = [
  { name: 'types (tsc)', script: ['typescript', 'bin', 'tsc'], args: ['--noEmit', '-p', '.'] },
  {
    name: 'types of the page (svelte-check)',
    script: ['svelte-check', 'bin', 'svelte-check'],
    args: ['--tsconfig', './src/renderer/tsconfig.json', '--fail-on-warnings', '--output', 'human'],
  },
  { name: 'lint (eslint)', script: ['eslint', 'bin', 'eslint.js'], args: ['.', '--max-warnings', '0'] },
  { name: 'format (prettier)', script: ['prettier', 'bin', 'prettier.cjs'], args: ['--check', '.'] },
  { name: 'unused code (knip)', script: ['knip', 'bin', 'knip.js'], args: ['--no-progress'] },
];

/**
 * Runs one check over a project folder that has node_modules.
 * @param {(typeof staticChecks)[number]} check
 * @param {{node: string, env: NodeJS.ProcessEnv, folder: string}} place
 * @returns {Promise<{passed: boolean, output: string}>}
 */
export function runStaticCheck(check, { node, env, folder }) {
  return new Promise((resolve) => {
    const child = spawn(node, [join('node_modules', ...check.script), ...check.args], {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: limit,
    });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => resolve({ passed: false, output: error.message }));
    child.on('close', (code, signal) => {
      if (signal !== null) output += `\nended by ${signal}`;
      resolve({ passed: code === 0, output: output.trim() });
    });
  });
}
