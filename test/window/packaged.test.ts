import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
// Plain JavaScript: the same commands that people run.
import { packageApplication } from '../../scripts/window/package.mjs';
import { usableNode } from '../../scripts/bootstrap/node24.mjs';
import { sandboxSwitches } from './application.ts';
import { asker } from './ask-page.ts';
import { quickSettings, sampleChoice } from './choices.ts';
import { jobEnd } from './job-end.ts';
import { openScreen } from './virtual-screen.ts';

let folder: string;
let data: string;

beforeAll(async () => {
  folder = await packageApplication({ node: usableNode(), env: process.env });
  data = await mkdtemp(join(tmpdir(), 'medlocker-packaged-'));
}, 600_000);

afterAll(async () => {
  await rm(data, { recursive: true, force: true });
  await rm(join(folder, '..', '..'), { recursive: true, force: true });
});

describe('the packaged application', () => {
  it('cannot be turned into a Node, and loads nothing but its own archive', async () => {
    const fuses = await getCurrentFuseWire(join(folder, 'medlocker'));
    const on = (option: FuseV1Options) => fuses[option] === '1'.charCodeAt(0);
    expect({
      runAsNode: on(FuseV1Options.RunAsNode),
      nodeOptions: on(FuseV1Options.EnableNodeOptionsEnvironmentVariable),
      inspect: on(FuseV1Options.EnableNodeCliInspectArguments),
      integrity: on(FuseV1Options.EnableEmbeddedAsarIntegrityValidation),
      onlyArchive: on(FuseV1Options.OnlyLoadAppFromAsar),
      fileProtocol: on(FuseV1Options.GrantFileProtocolExtraPrivileges),
    }).toEqual({
      runAsNode: false,
      nodeOptions: false,
      inspect: false,
      integrity: true,
      onlyArchive: true,
      fileProtocol: false,
    });
  });

  it('holds neither tests nor real images nor the tools it was made with', async () => {
    const files = await readdir(join(folder, 'resources', 'engine'), { recursive: true });
    const own = files.filter((file) => !file.startsWith('node_modules'));
    expect(own.filter((file) => /\.test\.ts$|eyepacs|idrid_seg|dr_graders/.test(file))).toEqual([]);
    const packages = await readdir(join(folder, 'resources', 'engine', 'node_modules'));
    expect(packages).not.toContain('vitest');
    expect(packages).not.toContain('electron');
    expect(packages).toContain('onnxruntime-node');
  });

  it('starts, protects the sample set and quits', async () => {
    const running = await start(folder, data);
    try {
      const ask = asker(running.page);
      const info = await ask('app.info', {});
      const notices = await readdir(join(folder, 'resources', 'notices'));
      expect(info.testRuntime).toBe(notices.includes('TEST-ARTEFACT.txt'));

      const key = await ask('keys.create', {
        kind: 'owner',
        name: 'Packaged',
        passphrase: 'a passphrase for tests',
        remember: false,
      });
      const choice = await sampleChoice(running, {
        settings: quickSettings,
        verifyPipelines: ['direct'],
        limit: 3,
      });
      const { id } = await ask('jobs.start', { choice, ownerKey: key.id, reviewRequired: false });
      const job = await jobEnd(running, id);
      expect(job.state).toEqual({ status: 'done' });
      expect(job.totals).toMatchObject({ total: 3, done: 3, failed: 0 });
      const written = await readdir(job.out.shown);
      expect(written.filter((name) => name.endsWith('.png'))).toHaveLength(3);
      expect(written).toContain('medlocker-set.json');
    } finally {
      expect(await running.quit()).toBe(0);
    }
    expect(await filesHolding(data, 'a passphrase for tests')).toEqual([]);
  });
});

async function filesHolding(place: string, words: string): Promise<string[]> {
  const entries = await readdir(place, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const found: string[] = [];
  for (const file of files) if ((await readFile(file)).includes(words)) found.push(file);
  return found;
}

interface Running {
  readonly page: Page;
  /** Closes the window as a person does; the exit code. */
  quit(): Promise<number | null>;
}

/** Its fuses leave no debugger of the main process, so only the page can be driven. */
async function start(application: string, userData: string): Promise<Running> {
  const screen = await openScreen();
  const child = spawn(
    join(application, 'medlocker'),
    [...sandboxSwitches(), `--user-data-dir=${userData}`, '--remote-debugging-port=0'],
    { env: { ...process.env, DISPLAY: screen.display }, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const browser = await chromium.connectOverCDP(await debuggerAddress(child));
  const page = await firstPage(browser);
  return {
    page,
    async quit() {
      const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
      await page.close().catch(() => undefined);
      const code = await ended;
      screen.close();
      return code;
    },
  };
}

function debuggerAddress(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
      const match = /DevTools listening on (ws:\S+)/.exec(text);
      if (match !== null) resolve(match[1]);
    });
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${text.slice(-2000)}`)));
  });
}

async function firstPage(browser: Browser): Promise<Page> {
  for (;;) {
    const page = browser.contexts().flatMap((context) => context.pages())[0];
    if (page !== undefined) {
      await page.waitForLoadState('domcontentloaded');
      return page;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
