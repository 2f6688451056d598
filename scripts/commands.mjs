// What each npm script does once the machine is ready. Every command returns the exit code.
import { join } from 'node:path';
import { runAllChecks, runStaticChecks } from './checks/all-checks.mjs';
import { projectRoot } from './bootstrap/machine.mjs';
import { say } from './bootstrap/run.mjs';
import { runInForeground } from './foreground.mjs';
import { buildWindow } from './window/build.mjs';
import { archiveApplication, packageApplication } from './window/package.mjs';
import { startWindow } from './window/start.mjs';

export const commands = {
  setup: (tools) => {
    say(tools.problem === null ? 'ready' : 'ready for the main job; see above for what is missing');
    return 0;
  },
  demo: (tools, args) => node(tools, [join('src', 'cli', 'main.ts'), 'demo', ...args]),
  bench: async (tools, args) => {
    // The section about the window opens what is built.
    if (args.length === 0 || args.includes('window')) await buildWindow(tools);
    return node(tools, [join('bench', 'run.ts'), ...args]);
  },
  screenshots: async (tools) => {
    await buildWindow(tools);
    return node(tools, [join('test', 'window', 'screenshots.ts')]);
  },
  'make-assets': (tools, args) => node(tools, [join('scripts', 'make-assets.ts'), ...args]),
  unit: (tools, args) => node(tools, [join('node_modules', 'vitest', 'vitest.mjs'), 'run', ...args]),
  faults: (tools, args) => node(tools, [join('test', 'faults', 'kill-resume.ts'), ...args]),
  window: (tools, args) => startWindow(tools, args),
  build: async (tools) => {
    await buildWindow(tools);
    return 0;
  },
  package: async (tools) => {
    const folder = await packageApplication(tools);
    say(`application: ${folder}`);
    say(`archive: ${await archiveApplication(folder)}`);
    return 0;
  },
  check: (tools) => runStaticChecks(tools),
  test: (tools) => runAllChecks(tools),
};

function node(tools, args) {
  return runInForeground(tools.node, args, { cwd: projectRoot, env: tools.env });
}
