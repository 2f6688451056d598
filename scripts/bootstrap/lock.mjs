// Two commands started at once must not install into the same folder.
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { isAlive, projectRoot } from './machine.mjs';
import { say } from './run.mjs';

const setupLock = join(projectRoot, '.cache', 'setup.lock');

/**
 * Runs the step while no other process of this checkout runs one; a lock left by a dead process counts as free.
 * @template Result
 * @param {() => Promise<Result>} step
 * @param {string} file
 * @returns {Promise<Result>}
 */
export async function alone(step, file = setupLock) {
  await mkdir(dirname(file), { recursive: true });
  await take(file);
  try {
    return await step();
  } finally {
    await rm(file, { force: true });
  }
}

async function take(file) {
  for (let turn = 0; !(await create(file)); turn++) {
    const owner = Number(await readFile(file, 'utf8').catch(() => '0'));
    if (owner !== 0 && !isAlive(owner)) await rm(file, { force: true });
    if (turn === 4) say(`waiting for the set-up that process ${owner} is doing`);
    await wait(250);
  }
}

/** A link appears with its content or not at all, so nobody ever reads an empty lock. */
async function create(file) {
  const own = `${file}.${process.pid}`;
  await writeFile(own, String(process.pid));
  try {
    await link(own, file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(own, { force: true });
  }
}
