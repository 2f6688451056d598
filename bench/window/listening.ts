import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('listening-process.ts', import.meta.url));

/**
 * A plain Node process that does nothing but look at the clock every 5 ms: how late it was is the machine's own delay.
 *
 * @returns ends it; gives the longest delay in milliseconds
 */
export async function listenBeside(): Promise<() => Promise<number>> {
  const child = fork(script, [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  await once(child, 'message');
  return async () => {
    const answer = once(child, 'message');
    child.send('end');
    const [longest] = (await answer) as [number];
    child.disconnect();
    return longest;
  };
}
