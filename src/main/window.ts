import { BrowserWindow, nativeTheme } from 'electron';
import { fileURLToPath } from 'node:url';
import { eventChannel } from '../shared/contract/channels.ts';
import { events, type EventName, type EventPayload } from '../shared/contract/events.ts';
import type { Log } from './log.ts';
import { recoverPage } from './page-recovery.ts';
import { pageAddress } from './protocol.ts';

/** Opens the window: no Node, an own world for the preload, a sandboxed process. */
export function openWindow(log: Log): BrowserWindow {
  const window = new BrowserWindow({
    width: 1440,
    height: 900,
    minWidth: 640,
    minHeight: 480,
    show: false,
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#16181b' : '#f6f6f4',
    webPreferences: {
      preload: fileURLToPath(new URL('../preload/bridge.cjs', import.meta.url)),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
    },
  });
  window.once('ready-to-show', () => window.show());
  recoverPage(window, log);
  window.loadURL(pageAddress()).catch((error: unknown) => log.error('the page does not load', { error }));
  return window;
}

/** Sends an event to every window; one that does not fit the contract is a defect of ours and is dropped. */
export function tellWindows<E extends EventName>(event: E, payload: EventPayload<E>): void {
  const parsed = events[event].safeParse(payload);
  if (!parsed.success) return;
  for (const window of BrowserWindow.getAllWindows()) {
    if (!window.isDestroyed()) window.webContents.send(eventChannel, event, parsed.data);
  }
}
