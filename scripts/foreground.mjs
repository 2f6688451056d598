// A child in our place: its stdin, stdout, stderr, exit code and signals are ours.
import { spawn } from 'node:child_process';

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{cwd?: string, env?: NodeJS.ProcessEnv, patience?: number}} options `patience`: milliseconds after the first
 *   SIGINT or SIGTERM in which the child may end by itself. A child in the middle of a long computation hears no signal;
 *   it is killed then, and 130 is returned.
 * @returns {Promise<number>} the child's exit code; when a signal ended the child, the same signal ends this process
 */
export function runInForeground(program, args, { cwd, env, patience }) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: 'inherit' });
    let timer;
    let outOfPatience = false;
    const beginToWait = () => {
      if (patience === undefined || timer !== undefined) return;
      timer = setTimeout(() => {
        outOfPatience = true;
        child.kill('SIGKILL');
      }, patience);
    };
    const forwarders = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => {
      const forward = () => {
        if (signal !== 'SIGHUP') beginToWait();
        if (signal === 'SIGINT' && onTerminal()) return;
        child.kill(signal);
      };
      process.on(signal, forward);
      return [signal, forward];
    });
    const letGo = () => {
      clearTimeout(timer);
      for (const [signal, forward] of forwarders) process.off(signal, forward);
    };
    child.on('error', (error) => {
      letGo();
      reject(error);
    });
    child.on('close', (code, signal) => {
      letGo();
      if (outOfPatience) return resolve(CANCELLED);
      if (signal === null) return resolve(code ?? 1);
      process.kill(process.pid, signal);
    });
  });
}

/** Exit code of a cancelled command (src/cli/exit-codes.ts). */
const CANCELLED = 130;

/** A terminal sends Ctrl-C to the child as well; a second one would mean "stop at once" to it. */
function onTerminal() {
  return Boolean(process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY);
}
