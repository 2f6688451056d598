import { ipcMain } from 'electron';
import { stat } from 'node:fs/promises';
import { z } from 'zod';
import { dropChannel } from '../shared/contract/channels.ts';
import type { PathHandle } from '../shared/contract/handles.ts';
import type { Reply } from '../shared/contract/reply.ts';
import type { Log } from './log.ts';
import type { PathGrants } from './path-grants.ts';
import { isPageAddress } from './protocol.ts';

const droppedSchema = z.array(z.string().min(1).max(4096)).max(256);

/** Paths of dropped files, which only the preload can learn, become handles. */
export function handleDrops(grants: PathGrants, log: Log): void {
  ipcMain.handle(dropChannel, async (event, paths: unknown): Promise<Reply<PathHandle[]>> => {
    const parsed = droppedSchema.safeParse(paths);
    if (!isPageAddress(event.senderFrame?.url ?? '') || !parsed.success) {
      log.warn('drop refused');
      return {
        ok: false,
        failure: { code: 'malformed', message: 'the drop was not understood', hint: null },
      };
    }
    const handles: PathHandle[] = [];
    for (const path of parsed.data) {
      const found = await stat(path).catch(() => null);
      if (found === null) continue;
      handles.push(await grants.grant(path));
      if (found.isDirectory()) await grants.remember(path);
    }
    return { ok: true, value: handles };
  });
}
