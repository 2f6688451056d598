import { app, protocol } from 'electron';
import { readFile, realpath } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { imageScheme } from '../shared/contract/handles.ts';
import { contentSecurityPolicy } from './content-security-policy.ts';
import type { Log } from './log.ts';
import { pictureFileOf } from './picture-address.ts';

const pageScheme = 'medlocker-app';
const pageHost = 'window';

/** Before the program is ready. Pictures may be drawn on a canvas and read back (the amplified difference). */
export function registerSchemes(): void {
  const privileges = { standard: true, secure: true, supportFetchAPI: true };
  protocol.registerSchemesAsPrivileged([
    // Compiled once, not at every start.
    { scheme: pageScheme, privileges: { ...privileges, codeCache: true } },
    { scheme: imageScheme, privileges: { ...privileges, corsEnabled: true, stream: true } },
  ]);
}

/** Address of the page: electron-vite's server in development, else the built files by a scheme of our own. */
export function pageAddress(): string {
  return developmentServer() ?? `${pageScheme}://${pageHost}/index.html`;
}

/** Whether an address is the page's own, nothing but its origin counts. */
export function isPageAddress(address: string): boolean {
  try {
    const { protocol: scheme, host } = new URL(address);
    const own = new URL(pageAddress());
    return scheme === own.protocol && host === own.host;
  } catch {
    return false;
  }
}

/** Serves the built page from its own folder. */
export function servePage(log: Log): void {
  const root = fileURLToPath(new URL('../renderer/', import.meta.url));
  protocol.handle(pageScheme, async ({ url }) => {
    const { host, pathname } = new URL(url);
    const file = host === pageHost ? await insideOf(root, pathname) : null;
    const type = file === null ? undefined : pageTypes[extname(file)];
    if (file === null || type === undefined) {
      log.warn('page file refused');
      return new Response(null, { status: 404 });
    }
    return new Response(await readFile(file), {
      headers: { ...commonHeaders, 'content-type': type, 'content-security-policy': contentSecurityPolicy },
    });
  });
}

/** Serves pictures the engine made, by opaque id and level, from its picture folder and nowhere else. */
export function servePictures(folder: string, log: Log): void {
  protocol.handle(imageScheme, async ({ url, method }) => {
    const name = method === 'GET' ? pictureFileOf(url) : null;
    const found = name === null ? null : await firstOf(folder, name);
    if (found === null) {
      log.warn('picture refused');
      return new Response(null, { status: 404 });
    }
    return new Response(await readFile(found), {
      headers: {
        ...commonHeaders,
        'content-type': extname(found) === '.png' ? 'image/png' : 'image/webp',
        'access-control-allow-origin': '*',
        // An id never names other pixels later.
        'cache-control': 'private, max-age=31536000, immutable',
      },
    });
  });
}

const commonHeaders = { 'x-content-type-options': 'nosniff', 'cross-origin-resource-policy': 'cross-origin' };

const pageTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
};

async function firstOf(folder: string, stem: string): Promise<string | null> {
  return (await insideOf(folder, `/${stem}.png`)) ?? (await insideOf(folder, `/${stem}.webp`));
}

/** Real path of a file inside a real folder; null for anything that leads out of it, by `..`, encoding or link. */
async function insideOf(root: string, pathname: string): Promise<string | null> {
  try {
    const decoded = decodeURIComponent(pathname);
    if (decoded.includes('\0') || decoded.includes('\\')) return null;
    const realRoot = await realpath(root);
    const real = await realpath(join(realRoot, decoded));
    return real.startsWith(realRoot.endsWith(sep) ? realRoot : realRoot + sep) ? real : null;
  } catch {
    return null;
  }
}

function developmentServer(): string | null {
  const address = process.env['ELECTRON_RENDERER_URL'];
  return app.isPackaged || address === undefined ? null : address;
}
