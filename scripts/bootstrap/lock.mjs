// Two commands started at once must not install into the same folder.
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { projectRoot } from './machine.mjs';
import { say } from './run.mjs';

/** Runs the step while no other process of this checkout runs one; a lock left by a dead process counts as free. */
export async function alone(step) {
  const folder = join(projectRoot, '.cache');
  const file = join(folder, 'setup.lock');
  await mkdir(folder, { recursive: true });
  await take(file);
  try {
    return await step();
  } finally {
    await rm(file, { force: true });
  }
}

async function take(file) {
  let said = false;
  for (;;) {
    try {
      const handle = await open(file, 'wx');
      await handle.writeFile(String(process.pid));
      await handle.close();
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const owner = Number(await readFile(file, 'utf8').catch(() => ''));
    // An empty file is a lock in the making, or one whose owner died in that instant.
    if (owner === 0) await wait(500);
    if (!isAlive(Number(await readFile(file, 'utf8').catch(() => '')))) {
      await rm(file, { force: true });
      continue;
    }
    if (!said) say(`waiting for the set-up that process ${owner} is doing`);
    said = true;
    await wait(250);
  }
}

function isAlive(pid) {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
