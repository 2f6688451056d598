import { contextBridge, ipcRenderer, webUtils } from 'electron';
import { z } from 'zod';
import { bridgeName, type WindowBridge } from '../shared/contract/bridge.ts';
import { dropChannel, eventChannel, requestChannel } from '../shared/contract/channels.ts';
import { events, isEventName } from '../shared/contract/events.ts';
import { pathHandleSchema } from '../shared/contract/handles.ts';
import { replySchema, type Reply } from '../shared/contract/reply.ts';
import { isRequestChannel, requests } from '../shared/contract/requests.ts';

// Zod would try `new Function`, which the page's policy refuses and reports.
z.config({ jitless: true });

/** Parses at the window's end what main parses at its own; everything else of Electron stays out of the page's reach. */
const bridge: WindowBridge = {
  async request(channel, input) {
    if (!isRequestChannel(channel)) return refused(`there is no request ${String(channel)}`);
    const { input: inputSchema, output } = requests[channel];
    const parsed = inputSchema.safeParse(input);
    if (!parsed.success) return refused(`${channel}: ${parsed.error.issues[0]?.message ?? 'malformed'}`);
    return receive(await ipcRenderer.invoke(requestChannel, channel, parsed.data), output);
  },

  on(event, listener) {
    if (!isEventName(event)) throw new TypeError('there is no such event');
    const schema = events[event];
    const receiveEvent = (_: unknown, name: unknown, payload: unknown) => {
      if (name !== event) return;
      const parsed = schema.safeParse(payload);
      if (parsed.success) (listener as (value: unknown) => void)(parsed.data);
    };
    ipcRenderer.on(eventChannel, receiveEvent);
    return () => ipcRenderer.off(eventChannel, receiveEvent);
  },

  async drop(files) {
    const paths = files.flatMap((file) => {
      try {
        const path = webUtils.getPathForFile(file as Parameters<typeof webUtils.getPathForFile>[0]);
        return path === '' ? [] : [path];
      } catch {
        return [];
      }
    });
    return receive(await ipcRenderer.invoke(dropChannel, paths), z.array(pathHandleSchema));
  },
};

contextBridge.exposeInMainWorld(bridgeName, bridge);

function receive(answer: unknown, output: z.ZodType): Reply<never> {
  const parsed = replySchema(output).safeParse(answer);
  if (parsed.success) return parsed.data as Reply<never>;
  return refused('the answer does not fit the contract');
}

function refused(message: string): Reply<never> {
  return { ok: false, failure: { code: 'malformed', message, hint: null } };
}
