import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fromEngineSchema, type ToEngine } from '../../src/shared/contract/engine-wire.ts';
import { events, type EventName, type EventPayload } from '../../src/shared/contract/events.ts';
import { replySchema, type Reply } from '../../src/shared/contract/reply.ts';
import {
  requests,
  type EngineChannel,
  type RequestInput,
  type RequestOutput,
} from '../../src/shared/contract/requests.ts';

const script = fileURLToPath(new URL('../../src/engine/host.ts', import.meta.url));

/** The engine as the window's main process sees it, for tests without a window. Answers are parsed by the contract. */
export class EngineProcess {
  readonly folder: string;
  readonly child: ChildProcess;
  readonly events: { readonly name: EventName; readonly payload: unknown }[] = [];
  stderr = '';
  readonly #waiting = new Map<number, (reply: Reply<unknown>) => void>();
  #number = 0;
  #heard: () => void = () => undefined;

  /** @param folder of data and pictures, kept between starts */
  constructor(folder: string) {
    this.folder = folder;
    this.child = fork(script, [], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString('utf8')));
    this.child.on('message', (message) => {
      const parsed = fromEngineSchema.parse(message);
      if (parsed.kind === 'reply') this.#waiting.get(parsed.number)?.(parsed.reply);
      if (parsed.kind === 'event') {
        const name = parsed.name as EventName;
        this.events.push({ name, payload: events[name].parse(parsed.payload) });
        this.#heard();
      }
    });
    const data = join(folder, 'engine');
    this.send({ kind: 'begin', data, pictures: join(folder, 'pictures'), threads: 2 });
  }

  send(message: ToEngine): void {
    this.child.send(message);
  }

  /** A handle for a path, as a dialog would give it. */
  grant(path: string): string {
    const id = randomBytes(16).toString('hex');
    this.send({ kind: 'grant', id, path });
    return id;
  }

  async reply<C extends EngineChannel>(channel: C, input: RequestInput<C>): Promise<Reply<RequestOutput<C>>> {
    const number = ++this.#number;
    const reply = await new Promise<Reply<unknown>>((resolve) => {
      this.#waiting.set(number, resolve);
      this.send({ kind: 'request', number, channel, input });
    });
    return replySchema(requests[channel].output).parse(reply) as Reply<RequestOutput<C>>;
  }

  /** The value of an answer. @throws Error with code and message of a failure */
  async ask<C extends EngineChannel>(channel: C, input: RequestInput<C>): Promise<RequestOutput<C>> {
    const reply = await this.reply(channel, input);
    if (reply.ok) return reply.value;
    throw new Error(
      `${channel}: ${reply.failure.code}: ${reply.failure.message} (${reply.failure.hint ?? ''})`,
    );
  }

  /** Waits for an event that fits; those heard already count. */
  async heard<E extends EventName>(
    name: E,
    fits: (payload: EventPayload<E>) => boolean,
  ): Promise<EventPayload<E>> {
    for (;;) {
      const found = this.events.find(
        (event) => event.name === name && fits(event.payload as EventPayload<E>),
      );
      if (found !== undefined) return found.payload as EventPayload<E>;
      await new Promise<void>((resolve) => (this.#heard = resolve));
    }
  }

  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => this.child.once('exit', () => resolve()));
    this.send({ kind: 'end' });
    await ended;
  }
}
