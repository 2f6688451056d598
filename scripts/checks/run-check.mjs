// One check as a line: its name, ok or failed, how long; its output only when it failed.
import { projectRoot } from '../bootstrap/machine.mjs';
import { spawn } from 'node:child_process';

const minutes = 60_000;

/** Returns true when the program ends with code 0 within ten minutes. */
export async function runCheck(name, tools, args) {
  const started = performance.now();
  const { code, output } = await collect(tools, args);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`${code === 0 ? 'ok    ' : 'FAILED'} ${name}  (${seconds} s)\n`);
  if (code !== 0) process.stdout.write(`${output.trim()}\n`);
  return code === 0;
}

function collect(tools, args) {
  return new Promise((resolve) => {
    const child = spawn(tools.node, args, {
      cwd: projectRoot,
      env: tools.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 10 * minutes,
    });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => resolve({ code: 1, output: error.message }));
    child.on('close', (code, signal) => {
      resolve({ code: code ?? 1, output: signal === null ? output : `${output}\nended by ${signal}` });
    });
  });
}
