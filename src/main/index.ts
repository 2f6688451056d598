import { app, BrowserWindow } from 'electron';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { handleDrops } from './drops.ts';
import { EngineClient } from './engine-client.ts';
import { engineProgram } from './engine-program.ts';
import { openKeyStore } from './key-store.ts';
import { openLog } from './log.ts';
import { installMenu } from './menu.ts';
import { openedPaths } from './opened-paths.ts';
import { PathGrants } from './path-grants.ts';
import { registerSchemes, servePage, servePictures } from './protocol.ts';
import { handleRequests } from './requests.ts';
import { hardenContents, hardenSession } from './security.ts';
import { openSettings } from './settings-store.ts';
import { showJobProgress } from './taskbar.ts';
import { openWindow, tellWindows } from './window.ts';

registerSchemes();
// Root cannot have Chromium's sandbox (containers, tests): only who starts it with this switch goes without.
if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();

if (app.requestSingleInstanceLock()) {
  void app.whenReady().then(start);
} else {
  // The window that is open is shown instead: two engines would fight over the same jobs.
  app.quit();
}

async function start(): Promise<void> {
  const data = app.getPath('userData');
  const pictures = join(data, 'pictures');
  const log = openLog(join(data, 'logs', 'medlocker.log'));
  const settings = await openSettings(join(data, 'settings.json'), log);
  const keyStore = await openKeyStore(join(data, 'passphrases.json'), log);
  const engine = new EngineClient(
    engineProgram(),
    () => ({ data: join(data, 'engine'), pictures, threads: settings.current.threads }),
    log,
  );
  const grants = await PathGrants.open(join(data, 'recent.json'), (grant) => engine.grant(grant));

  hardenSession(log);
  hardenContents(log);
  servePage(log);
  servePictures(pictures, log);
  handleRequests({ settings, keyStore, engine, grants, log });
  handleDrops(grants, log);
  engine.on('state', (state) => tellWindows('engine.changed', state));
  engine.on('event', (name, payload) => tellWindows(name, payload));
  engine.on('running', () => void keyStore.unlockAll(engine));
  showJobProgress(engine);
  settings.onChange((now) => {
    tellWindows('settings.changed', now);
    engine.threads(now.threads);
  });
  installMenu((command) => tellWindows('app.command', command));

  const window = openWindow(log);
  // The page listens from then on.
  const loaded = new Promise<void>((resolve) => {
    window.webContents.once('did-finish-load', () => resolve());
  });
  const offer = async (argv: readonly string[], cwd: string) => {
    await loaded;
    for (const path of openedPaths(argv, cwd, !app.isPackaged)) {
      if (existsSync(path)) tellWindows('paths.opened', await grants.grant(path));
    }
  };
  // Not beside the page's own start: on two cores each would slow the other down. A request of the page starts it, too.
  window.once('ready-to-show', () => engine.start());
  void offer(process.argv, process.cwd());
  app.on('second-instance', (_, argv, cwd) => {
    showAgain();
    void offer(argv, cwd);
  });
  app.on('activate', () => {
    if (BrowserWindow.getAllWindows().length === 0) openWindow(log);
  });
  app.on('window-all-closed', () => app.quit());
  app.on('before-quit', (event) => {
    if (!engine.isAlive) return;
    event.preventDefault();
    void engine.stop().then(() => app.quit());
  });
}

function showAgain(): void {
  const [window] = BrowserWindow.getAllWindows();
  if (window === undefined) return;
  if (window.isMinimized()) window.restore();
  window.focus();
}
