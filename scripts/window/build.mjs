// The window's code: messages compiled, main and preload bundled, page built into dist/.
import { join } from 'node:path';
import { projectRoot } from '../bootstrap/machine.mjs';
import { run } from '../bootstrap/run.mjs';

/** The page's texts as typed functions in src/renderer/paraglide, which only this command writes. */
export async function compileMessages({ node, env }) {
  const script = join('node_modules', '@inlang', 'paraglide-js', 'bin', 'run.js');
  const args = ['compile', '--project', 'project.inlang', '--outdir', join('src', 'renderer', 'paraglide')];
  await run(node, [script, ...args], { cwd: projectRoot, env, purpose: 'compiling the messages' });
}

export async function buildWindow({ node, env }) {
  await compileMessages({ node, env });
  const script = join('node_modules', 'electron-vite', 'bin', 'electron-vite.js');
  await run(node, [script, 'build', '--config', 'electron.config.ts'], {
    cwd: projectRoot,
    env: { ...env, NODE_ENV: 'production' },
    purpose: 'building the window',
  });
}
