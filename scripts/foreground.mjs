// A child in our place: its stdin, stdout, stderr, exit code and signals are ours.
import { spawn } from 'node:child_process';

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{cwd?: string, env?: NodeJS.ProcessEnv}} options
 * @returns {Promise<number>} the child's exit code; when a signal ended the child, the same signal ends this process
 */
export function runInForeground(program, args, { cwd, env }) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: 'inherit' });
    const forwarders = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => {
      const forward = () => {
        if (signal === 'SIGINT' && onTerminal()) return;
        child.kill(signal);
      };
      process.on(signal, forward);
      return [signal, forward];
    });
    const letGo = () => {
      for (const [signal, forward] of forwarders) process.off(signal, forward);
    };
    child.on('error', (error) => {
      letGo();
      reject(error);
    });
    child.on('close', (code, signal) => {
      letGo();
      if (signal === null) return resolve(code ?? 1);
      process.kill(process.pid, signal);
    });
  });
}

/** A terminal sends Ctrl-C to the child as well; a second one would mean "stop at once" to it. */
function onTerminal() {
  return Boolean(process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY);
}
