import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BenchSection } from '../harness.ts';
import { time } from '../measure.ts';

const execute = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');

export const section: BenchSection = {
  name: 'start-time',
  question: 'How long does a command take before its own work begins, on a machine that is set up?',
  async run() {
    const setup = await time(() => execute(process.execPath, [join(root, 'scripts', 'start.mjs'), 'setup']), {
      rounds: 7,
    });
    return {
      rows: [
        {
          what: 'set-up, second start',
          n: setup.n,
          value: setup.median / 1000,
          low: setup.min / 1000,
          high: setup.max / 1000,
          spread: 'range',
          unit: 's',
          target: { atMost: 2 },
        },
      ],
    };
  },
};
