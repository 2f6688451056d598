// Starting other programs: quiet when they succeed, their last words when they fail.
import { spawn } from 'node:child_process';

/** A step of the set-up that cannot be done here; the message says what is missing and what to do. */
export class SetupProblem extends Error {
  name = 'SetupProblem';
}

export function say(line) {
  process.stderr.write(`set-up: ${line}\n`);
}

/**
 * Runs a program and returns its output. Without a shell, without stdin.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{cwd?: string, env?: NodeJS.ProcessEnv, purpose: string}} options purpose: for the message on failure
 * @returns {Promise<string>} stdout
 * @throws {SetupProblem} when it cannot be started or ends with a code other than 0
 */
export function run(program, args, { cwd, env, purpose }) {
  return new Promise((resolve, reject) => {
    // npm is a .cmd file on Windows, which only a shell starts; every argument given here is a literal of ours.
    const shell = process.platform === 'win32' && program.endsWith('.cmd');
    const child = spawn(program, args, { cwd, env, shell, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => (stdout += chunk));
    child.stderr.on('data', (chunk) => (stderr += chunk));
    child.on('error', (error) =>
      reject(new SetupProblem(`${purpose}: ${program} does not start (${error.message})`)),
    );
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(stdout);
      const ending = signal === null ? `code ${code}` : `signal ${signal}`;
      reject(new SetupProblem(`${purpose} failed with ${ending}:\n${excerpt(`${stdout}\n${stderr}`)}`));
    });
  });
}

/** The beginning names the cause (npm, compilers), the end where it led (Python). */
function excerpt(text) {
  const lines = text.trim().split('\n');
  return lines.length <= 24 ? lines.join('\n') : [...lines.slice(0, 12), '…', ...lines.slice(-11)].join('\n');
}
