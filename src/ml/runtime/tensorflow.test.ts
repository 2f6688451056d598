import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { reportEngines } from './report.ts';
import { bindingIsInstalled } from './tensorflow.ts';

const run = promisify(execFile);
const module = JSON.stringify(new URL('./tensorflow.ts', import.meta.url).href);

/** What a fresh process prints that runs `code` with the runtime imported. */
async function fresh(code: string): Promise<{ stdout: string; stderr: string }> {
  const script = `const { tf, startTensorFlow, runningTensorFlow } = await import(${module}); ${code}`;
  return run(process.execPath, ['--input-type=module', '--eval', script]);
}

describe('tf', () => {
  it('computes in plain JavaScript, silently, without loading libtensorflow', async () => {
    const { stdout, stderr } = await fresh(`
      const values = await tf.tensor1d([1, 2]).square().data();
      const { existsSync, readFileSync } = await import('node:fs');
      const maps = existsSync('/proc/self/maps') ? readFileSync('/proc/self/maps', 'utf8') : '';
      console.log(tf.getBackend(), values.join(), maps.includes('libtensorflow'), runningTensorFlow());`);
    expect(stdout.trim()).toBe('cpu 1,4 false undefined');
    expect(stderr).toBe('');
  });
});

describe.skipIf(!bindingIsInstalled())('startTensorFlow (needs libtensorflow)', () => {
  it('makes libtensorflow the backend, names its version and device, and prints nothing', async () => {
    const { stdout, stderr } = await fresh(`
      const runtime = await startTensorFlow({ threads: 1 });
      console.log(JSON.stringify({ ...runtime, same: (await startTensorFlow()) === runtime, backend: tf.getBackend() }));`);
    expect(JSON.parse(stdout)).toMatchObject({ same: true, backend: 'tensorflow', threads: 1 });
    expect(stdout).toMatch(/"libtensorflow":"\d+\.\d+\.\d+"/);
    expect(stderr).toBe('');
  });
});

describe('reportEngines', () => {
  it('names every engine, and starts none unasked', async () => {
    const report = await reportEngines();
    expect(report.map(({ engine }) => engine)).toEqual(['onnxruntime', 'tensorflow', 'tensorflow.js']);
    expect(report[0]).toMatchObject({ state: 'ready', devices: ['CPU'] });
    expect(report[1].state).toBe(bindingIsInstalled() ? 'not-started' : 'missing');
    if (report[1].state === 'missing') expect(report[1].hint).toContain('npm run setup');
  });
});
