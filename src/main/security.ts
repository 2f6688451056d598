import { app, session, type WebContents } from 'electron';
import type { Log } from './log.ts';
import { isPageAddress } from './protocol.ts';

/** Denies every permission, every download and every request that leaves the machine. */
export function hardenSession(log: Log): void {
  const { defaultSession } = session;
  defaultSession.setPermissionRequestHandler((_, permission, answer) => {
    log.warn('permission refused', { permission });
    answer(false);
  });
  defaultSession.setPermissionCheckHandler(() => false);
  defaultSession.setDevicePermissionHandler(() => false);
  defaultSession.on('will-download', (event) => {
    log.warn('download refused');
    event.preventDefault();
  });
  defaultSession.webRequest.onBeforeRequest(
    { urls: ['http://*/*', 'https://*/*', 'ws://*/*', 'wss://*/*', 'ftp://*/*', 'file://*/*'] },
    ({ url }, answer) => {
      const cancel = !isPageAddress(url) && !isDevelopmentSocket(url);
      if (cancel) log.warn('request refused', { scheme: schemeOf(url) });
      answer({ cancel });
    },
  );
}

/** No page but ours: no navigation, no window, no embedded view, whatever contents appear. */
export function hardenContents(log: Log): void {
  app.on('web-contents-created', (_, contents) => harden(contents, log));
}

function harden(contents: WebContents, log: Log): void {
  const refuse = (event: { preventDefault(): void; readonly url: string }) => {
    if (isPageAddress(event.url)) return;
    log.warn('navigation refused', { scheme: schemeOf(event.url) });
    event.preventDefault();
  };
  contents.on('will-navigate', refuse);
  contents.on('will-frame-navigate', refuse);
  contents.on('will-redirect', refuse);
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    log.warn('new window refused', { scheme: schemeOf(url) });
    return { action: 'deny' };
  });
}

/** Vite's hot reload speaks over a web socket of the same host; there is none in a built program. */
function isDevelopmentSocket(url: string): boolean {
  return url.startsWith('ws://') && isPageAddress(url.replace('ws://', 'http://'));
}

/** Addresses may hold names; the log keeps their scheme only. */
function schemeOf(url: string): string {
  return /^[a-z][a-z0-9+.-]*(?=:)/i.exec(url)?.[0] ?? 'none';
}
