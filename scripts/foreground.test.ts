import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const foreground = JSON.stringify(join(import.meta.dirname, 'foreground.mjs'));

/** A process that runs the given program in its place, as bin/medlocker.mjs does. */
function wrapper(program: string, options = '{}') {
  const script = `
    const { runInForeground } = await import(${foreground});
    process.exitCode = await runInForeground(process.execPath, ['-e', ${JSON.stringify(program)}], ${options});
  `;
  return spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}

describe('runInForeground', () => {
  it('passes the exit code on', async () => {
    expect(await once(wrapper('process.exitCode = 4'), 'close')).toEqual([4, null]);
  });

  it('passes stdin and stdout through', async () => {
    const child = wrapper('process.stdin.pipe(process.stdout)');
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stdin.end('a passphrase');
    await once(child, 'close');
    expect(output).toBe('a passphrase');
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('hands %s to the program, whose answer counts', async (signal) => {
    const child = wrapper(`
      process.on('${signal}', () => process.exit(130));
      setInterval(() => {}, 1000);
      console.log('ready');
    `);
    await once(child.stdout, 'data');
    child.kill(signal);
    expect(await once(child, 'close')).toEqual([130, null]);
  });

  it('kills a program that is too busy to hear a signal, and tells that the command was cancelled', async () => {
    const child = wrapper(
      `process.on('SIGINT', () => {}); console.log('ready'); for (;;) {}`,
      '{ patience: 50 }',
    );
    await once(child.stdout, 'data');
    child.kill('SIGINT');
    expect(await once(child, 'close')).toEqual([130, null]);
  });

  it('ends by the signal that ended the program', async () => {
    const child = wrapper(`process.kill(process.pid, 'SIGKILL')`);
    expect(await once(child, 'close')).toEqual([null, 'SIGKILL']);
  });
});
