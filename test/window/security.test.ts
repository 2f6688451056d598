import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApplication, type Application } from './application.ts';

let app: Application;

beforeAll(async () => {
  app = await startApplication();
});

afterAll(() => app.close());

describe('the page', () => {
  it('has the bridge and nothing of Node or Electron', async () => {
    const found = await app.page.evaluate(() => ({
      bridge: Object.keys((globalThis as unknown as { medlocker: object }).medlocker).sort(),
      node: ['require', 'process', 'module', 'Buffer', 'electron', 'ipcRenderer'].filter(
        (name) => name in globalThis,
      ),
    }));
    expect(found).toEqual({ bridge: ['drop', 'on', 'request'], node: [] });
  });

  it('runs in a window with context isolation and without Node', async () => {
    const preferences = await app.electron.evaluate(({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows();
      const { sandbox, contextIsolation, nodeIntegration, webSecurity, webviewTag } = (
        window.webContents as unknown as {
          getLastWebPreferences(): Record<string, unknown>;
        }
      ).getLastWebPreferences();
      return { sandbox, contextIsolation, nodeIntegration, webSecurity, webviewTag };
    });
    expect(preferences).toEqual({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
    });
  });

  it('cannot evaluate text as code, run inline scripts or set inline styles by markup', async () => {
    const outcome = await app.page.evaluate(async () => {
      const holder = document.createElement('div');
      holder.innerHTML = '<p style="color: rgb(1, 2, 3)">a</p>';
      document.body.append(holder);
      const script = document.createElement('script');
      script.textContent = 'globalThis.inlineRan = true';
      document.body.append(script);
      // Text as code: what the test itself evaluates comes in by the debugger, which the policy does not bind.
      Reflect.apply(setTimeout, globalThis, ['globalThis.textRan = true']);
      await new Promise((resolve) => setTimeout(resolve, 100));
      const paragraph = holder.querySelector('p');
      const colour = paragraph === null ? '' : getComputedStyle(paragraph).color;
      holder.remove();
      script.remove();
      return {
        text: 'textRan' in globalThis,
        inline: 'inlineRan' in globalThis,
        styled: colour === 'rgb(1, 2, 3)',
      };
    });
    expect(outcome).toEqual({ text: false, inline: false, styled: false });
  });
});

describe('ways out of the page', () => {
  it.each([
    'https://example.com/',
    'http://localhost:9/',
    'file:///etc/hostname',
    'data:text/html,hello',
    'medlocker-app://elsewhere/index.html',
    'medlocker-image://pixels/0/0',
  ])('navigation to %s is refused', async (address) => {
    const before = app.page.url();
    await app.page
      .evaluate((url) => {
        document.body.dataset['mark'] = url;
        location.href = url;
      }, address)
      .catch(() => undefined);
    await app.page.waitForTimeout(200);
    expect(app.page.url()).toBe(before);
    // The very document that was there before, not a new one of the same address.
    expect(await app.page.evaluate(() => document.body.dataset['mark'])).toBe(address);
  });

  it('new windows are refused', async () => {
    const opened = await app.page.evaluate(() =>
      ['https://example.com/', 'about:blank', location.href].map((url) => window.open(url) !== null),
    );
    expect(opened).toEqual([false, false, false]);
    expect(app.electron.windows()).toHaveLength(1);
  });

  it.each(['https://example.com/', 'file:///etc/hostname', 'data:text/html,<p>x'])(
    'a frame of %s stays empty',
    async (address) => {
      const frames = await app.page.evaluate(async (url) => {
        const frame = document.createElement('iframe');
        const settled = new Promise((resolve) => {
          frame.onload = resolve;
          frame.onerror = resolve;
          setTimeout(resolve, 1000);
        });
        frame.src = url;
        document.body.append(frame);
        await settled;
        let text: string | null;
        try {
          text = frame.contentDocument?.body.textContent ?? null;
        } catch {
          text = null;
        }
        frame.remove();
        return text;
      }, address);
      expect(frames ?? '').toBe('');
    },
  );

  it.each(['https://example.com/', 'http://127.0.0.1:9/', 'file:///etc/hostname', 'ws://127.0.0.1:9/'])(
    'a request to %s fails',
    async (address) => {
      const answered = await app.page.evaluate(async (url) => {
        if (url.startsWith('ws:')) {
          try {
            return await new Promise((resolve) => {
              const socket = new WebSocket(url);
              socket.onopen = () => resolve(true);
              socket.onerror = () => resolve(false);
            });
          } catch {
            return false;
          }
        }
        return fetch(url).then(
          () => true,
          () => false,
        );
      }, address);
      expect(answered).toBe(false);
    },
  );

  it('permissions are denied', async () => {
    const states = await app.page.evaluate(async () => {
      const notification = await Notification.requestPermission();
      const camera = await navigator.mediaDevices.getUserMedia({ video: true }).then(
        () => 'granted',
        () => 'denied',
      );
      const place = await new Promise((resolve) =>
        navigator.geolocation.getCurrentPosition(
          () => resolve('granted'),
          () => resolve('denied'),
          { timeout: 2000 },
        ),
      );
      const clipboard = await navigator.clipboard.readText().then(
        () => 'granted',
        () => 'denied',
      );
      return [notification, camera, place, clipboard];
    });
    expect(states).toEqual(['denied', 'denied', 'denied', 'denied']);
  });
});

describe('files by protocol', () => {
  const id = '0123456789abcdef0123456789abcdef';
  const outside = 'fedcba9876543210fedcba9876543210';

  beforeAll(async () => {
    const pictures = join(app.data, 'pictures');
    // The engine empties the folder when it starts.
    while ((await status('app.info')).engine.status !== 'running') await app.page.waitForTimeout(50);
    await mkdir(join(pictures, id), { recursive: true });
    await writeFile(join(pictures, id, '0.png'), 'a picture');
    await mkdir(`${pictures}-sibling`, { recursive: true });
    await writeFile(join(`${pictures}-sibling`, '0.png'), 'not a picture of ours');
    await mkdir(join(pictures, outside));
    await symlink(join(app.data, 'settings.json'), join(pictures, outside, '0.png'));
    await writeFile(join(app.data, 'settings.json'), '{}');
  });

  it('a picture is served by its id', async () => {
    expect(await fetched(`medlocker-image://pixels/${id}/0`)).toEqual({ status: 200, text: 'a picture' });
  });

  it.each([
    ['a parent folder', 'medlocker-image://pixels/../settings.json'],
    ['an encoded parent folder', 'medlocker-image://pixels/%2e%2e/settings.json'],
    ['an encoded slash', `medlocker-image://pixels/${id}%2f..%2f..%2fsettings/0`],
    ['a double encoding', 'medlocker-image://pixels/%252e%252e%252fsettings/0'],
    ['a backslash', `medlocker-image://pixels/${id}\\..\\..\\settings/0`],
    ['a sibling with the same beginning', 'medlocker-image://pixels/../pictures-sibling/0'],
    ['a symbolic link to outside', `medlocker-image://pixels/${outside}/0`],
    ['an id that is none', 'medlocker-image://pixels/settings/0'],
    ['a level that is none', `medlocker-image://pixels/${id}/0.png`],
    ['another host', `medlocker-image://elsewhere/${id}/0`],
    ['a file of the program', 'medlocker-app://window/../main/index.js'],
    ['an encoded file of the program', 'medlocker-app://window/%2e%2e/main/index.js'],
    ['a file that is no part of the page', 'medlocker-app://window/package.json'],
  ])('%s is refused', async (_, address) => {
    const { status: code, text } = await fetched(address);
    expect(code).not.toBe(200);
    expect(text).toBe('');
  });

  it('the refusals are in the log, without the addresses', async () => {
    const log = await readFile(join(app.data, 'logs', 'medlocker.log'), 'utf8');
    for (const words of [
      'picture refused',
      'navigation refused',
      'new window refused',
      'permission refused',
    ]) {
      expect(log).toContain(words);
    }
    expect(log).not.toContain('example.com');
    expect(log).not.toContain('hostname');
  });
});

describe('messages', () => {
  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', '', 'jobs', 'engine.eval'])(
    'a request named %j is refused',
    async (channel) => {
      expect(await asked(channel, {})).toMatchObject({ ok: false, failure: { code: 'malformed' } });
    },
  );

  it.each([
    ['nothing', 'jobs.get', undefined],
    ['another type', 'jobs.get', { job: 7 }],
    ['a path instead of an id', 'source.scan', { source: '/etc' }],
    ['a field too many', 'settings.set', { theme: 'dark', admin: true }],
    ['a prototype', 'settings.set', JSON.parse('{"__proto__": {"theme": "dark"}, "theme": "pink"}')],
    ['a text of five megabytes', 'paths.pickSave', { suggestedName: 'a'.repeat(5_000_000), kind: 'csv' }],
  ])('%s is refused', async (_, channel, input) => {
    expect(await asked(channel, input)).toMatchObject({ ok: false, failure: { code: 'malformed' } });
  });

  it('an id that nobody has given leads nowhere', async () => {
    expect(await asked('source.scan', { source: 'f'.repeat(32) })).toMatchObject({
      ok: false,
      failure: { code: 'usage' },
    });
  });

  it('an event that is none cannot be listened to', async () => {
    const thrown = await app.page.evaluate(() => {
      try {
        (globalThis as unknown as { medlocker: { on(name: string, f: () => void): void } }).medlocker.on(
          'constructor',
          () => undefined,
        );
        return null;
      } catch (error) {
        return (error as Error).message;
      }
    });
    expect(thrown).toContain('no such event');
  });
});

function asked(channel: string, input: unknown): Promise<unknown> {
  return app.page.evaluate(
    ([name, value]) =>
      (
        globalThis as unknown as { medlocker: { request(name: unknown, value: unknown): Promise<unknown> } }
      ).medlocker.request(name, value),
    [channel, input],
  );
}

async function status(channel: string): Promise<{ engine: { status: string } }> {
  return ((await asked(channel, {})) as { value: { engine: { status: string } } }).value;
}

function fetched(address: string): Promise<{ status: number; text: string }> {
  return app.page.evaluate(
    (url) =>
      fetch(url).then(
        async (response) => ({ status: response.status, text: await response.text() }),
        () => ({ status: 0, text: '' }),
      ),
    address,
  );
}
