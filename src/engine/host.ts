// The engine as a process of the desktop application: requests come in over the parent's channel, answers and events go out.
import { mkdir } from 'node:fs/promises';
import { toEngineSchema, type FromEngine, type ToEngine } from '../shared/contract/engine-wire.ts';
import type { FailureReply } from '../shared/contract/reply.ts';
import { isRequestChannel, requests, type EngineChannel } from '../shared/contract/requests.ts';
import { Failure } from '../shared/failure.ts';
import { describeError } from './jobs/run-items.ts';
import { PathBook } from './window/path-book.ts';
import { PictureStore } from './window/picture-store.ts';
import { openTopics, type Topics } from './window/topics.ts';

const paths = new PathBook();
let topics: Promise<Topics> | undefined;
let threads = 1;

process.on('message', (message) => {
  const parsed = toEngineSchema.safeParse(message);
  if (parsed.success) take(parsed.data);
});
// The window is gone: whatever runs can be resumed by the next one.
process.on('disconnect', () => void end());

function take(message: ToEngine): void {
  switch (message.kind) {
    case 'begin':
      threads = message.threads;
      topics ??= begin(message.data, message.pictures);
      return;
    case 'grant':
      paths.grant(message.id, message.path);
      return;
    case 'threads':
      threads = message.threads;
      return;
    case 'locate':
      send({ kind: 'reply', number: message.number, reply: { ok: true, value: paths.find(message.id) } });
      return;
    case 'request':
      void answer(message.number, message.channel, message.input);
      return;
    case 'end':
      void end();
  }
}

async function begin(data: string, pictures: string): Promise<Topics> {
  await mkdir(data, { recursive: true, mode: 0o700 });
  const opened = await openTopics({
    data,
    paths,
    pictures: await PictureStore.open(pictures),
    threads: () => threads,
    emit: (name, payload) => send({ kind: 'event', name, payload }),
  });
  send({ kind: 'ready', node: process.versions.node });
  return opened;
}

async function answer(number: number, channel: string, input: unknown): Promise<void> {
  try {
    if (topics === undefined || !isRequestChannel(channel) || requests[channel].by !== 'engine') {
      throw new Failure('usage', `the engine does not answer ${channel}`);
    }
    const { handlers } = await topics;
    const handler = handlers[channel as EngineChannel] as ((input: unknown) => Promise<unknown>) | undefined;
    if (handler === undefined) throw new Failure('usage', `the engine does not answer ${channel}`);
    const value = requests[channel].output.parse(await handler(requests[channel].input.parse(input)));
    send({ kind: 'reply', number, reply: { ok: true, value } });
  } catch (error) {
    send({ kind: 'reply', number, reply: { ok: false, failure: failureOf(error) } });
  }
}

function failureOf(error: unknown): FailureReply {
  // Not with their text: a defect's message may hold what was typed. The stack goes to the log of the engine.
  if (!(error instanceof Failure))
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  const { code, reason, hint } = describeError(error);
  return { code, message: reason, hint: hint ?? null };
}

async function end(): Promise<void> {
  const opened = await topics?.catch(() => undefined);
  await opened?.close();
  process.exit(0);
}

function send(message: FromEngine): void {
  if (process.connected) process.send?.(message);
}
