import { app, clipboard, ipcMain, shell, type IpcMainInvokeEvent } from 'electron';
import { Failure } from '../shared/failure.ts';
import { requestChannel } from '../shared/contract/channels.ts';
import type { FailureReply, Reply } from '../shared/contract/reply.ts';
import {
  isRequestChannel,
  requests,
  type EngineChannel,
  type MainChannel,
  type RequestInput,
  type RequestOutput,
} from '../shared/contract/requests.ts';
import { diagnostics } from './diagnostics.ts';
import { pickFile, pickFolder, pickSave } from './dialogs.ts';
import type { EngineClient } from './engine-client.ts';
import type { KeyStore } from './key-store.ts';
import { shippedLicences } from './licences.ts';
import type { Log } from './log.ts';
import type { PathGrants } from './path-grants.ts';
import { isPageAddress } from './protocol.ts';
import { withRememberedKeys } from './remembered-keys.ts';
import type { SettingsStore } from './settings-store.ts';
import { isTestRuntime } from './test-runtime.ts';

export interface Parts {
  readonly settings: SettingsStore;
  readonly keyStore: KeyStore;
  readonly engine: EngineClient;
  readonly grants: PathGrants;
  readonly log: Log;
}

type Handlers = { [C in MainChannel]: (input: RequestInput<C>) => Promise<RequestOutput<C>> };

/** What the page may send in one message: handles, settings and boxes are small, pixels never travel here. */
const largestMessage = 4 * 1024 * 1024;

/** The one way in: known channel, own page, input that fits; main answers itself or asks the engine. */
export function handleRequests(parts: Parts): void {
  const handlers = mainHandlers(parts);
  const engine = withRememberedKeys(parts.engine, parts.keyStore);
  ipcMain.handle(requestChannel, async (event, channel: unknown, input: unknown): Promise<Reply<unknown>> => {
    if (!fromOwnPage(event) || !isRequestChannel(channel) || isTooLarge(input)) {
      parts.log.warn('message refused');
      return refused('the message was not understood');
    }
    const parsed = requests[channel].input.safeParse(input);
    if (!parsed.success) {
      parts.log.warn('message refused', { channel });
      return refused(`${channel}: ${parsed.error.issues[0]?.message ?? 'malformed'}`);
    }
    if (requests[channel].by === 'engine') {
      return engine(channel as EngineChannel, parsed.data as RequestInput<EngineChannel>);
    }
    return answer(channel as MainChannel, parsed.data, handlers, parts.log);
  });
}

async function answer(
  channel: MainChannel,
  input: unknown,
  handlers: Handlers,
  log: Log,
): Promise<Reply<unknown>> {
  try {
    const handler = handlers[channel] as (input: unknown) => Promise<unknown>;
    return { ok: true, value: requests[channel].output.parse(await handler(input)) };
  } catch (error) {
    log.error('request failed', { channel, error });
    return { ok: false, failure: describe(error) };
  }
}

function mainHandlers({ settings, keyStore, engine, grants, log }: Parts): Handlers {
  return {
    'app.info': async () => ({
      version: app.getVersion(),
      electron: process.versions.electron,
      platform: `${process.platform} ${process.arch}`,
      testRuntime: isTestRuntime(),
      engine: engine.state,
      notices: settings.notice === null ? [] : [settings.notice],
      keyStore: keyStore.available,
    }),
    'app.diagnostics': async () => ({ text: await diagnostics(engine, log) }),
    'app.copyDiagnostics': async () => {
      await clipboard.writeText(await diagnostics(engine, log));
      return {};
    },
    'app.licences': () => shippedLicences(),
    'app.restartEngine': async () => {
      engine.start();
      return engine.state;
    },
    'settings.get': async () => settings.current,
    'settings.set': (some) => settings.change(some),
    'paths.pickFolder': ({ purpose }) => pickFolder(grants, purpose === 'source'),
    'paths.pickFile': ({ purpose }) => pickFile(grants, purpose),
    'paths.pickSave': (input) => pickSave(grants, input),
    'paths.recent': () => grants.recent(),
    'paths.forgetRecent': async () => {
      await grants.forgetRecent();
      return {};
    },
    'paths.reveal': async ({ handle }) => {
      const path = grants.pathOf(handle) ?? (await engine.locate(handle));
      if (path === null)
        throw new Failure('usage', 'the file is not known any more', { hint: 'Open it again.' });
      shell.showItemInFolder(path);
      return {};
    },
  };
}

/** Only the top frame of our own page may speak. */
function fromOwnPage({ senderFrame }: IpcMainInvokeEvent): boolean {
  return senderFrame !== null && senderFrame.parent === null && isPageAddress(senderFrame.url);
}

function isTooLarge(input: unknown): boolean {
  try {
    return (JSON.stringify(input) ?? '').length > largestMessage;
  } catch {
    return true;
  }
}

function describe(error: unknown): FailureReply {
  if (error instanceof Failure) return { code: error.code, message: error.message, hint: error.hint ?? null };
  return { code: 'defect', message: 'a defect of the program; the log says more', hint: null };
}

function refused(message: string): Reply<never> {
  return { ok: false, failure: { code: 'malformed', message, hint: null } };
}
