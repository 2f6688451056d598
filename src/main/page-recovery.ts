import { app, dialog, type BrowserWindow } from 'electron';
import type { Log } from './log.ts';

/** So many ends of the page within a minute are no accident. */
const most = 3;
const minute = 60_000;

/** Opens the page anew when its process dies: jobs live in the engine, and a new page finds them again. */
export function recoverPage(window: BrowserWindow, log: Log): void {
  let ends: number[] = [];
  // Never within the event: Electron may die of that itself (electron/electron#51900).
  const reload = () =>
    setTimeout(() => {
      if (!window.isDestroyed()) window.webContents.reload();
    }, 100);
  const ask = async () => {
    const { response } = await dialog.showMessageBox(window, {
      type: 'error',
      message: 'The page of the window ends again and again.',
      detail:
        'Running jobs go on. If it does not help to try again, start MedLocker anew; its log says more.',
      buttons: ['Try again', 'Quit'],
    });
    ends = [];
    if (response === 0) reload();
    else app.quit();
  };
  window.webContents.on('render-process-gone', (_, { reason }) => {
    log.error('the page ended', { reason });
    if (reason === 'clean-exit') return;
    const now = Date.now();
    ends = [...ends.filter((at) => now - at < minute), now];
    if (ends.length > most) void ask();
    else reload();
  });
}
