import { fork, type ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import type { EngineState } from '../shared/contract/app.ts';
import { fromEngineSchema, type FromEngine, type ToEngine } from '../shared/contract/engine-wire.ts';
import { events, isEventName, type EventName, type EventPayload } from '../shared/contract/events.ts';
import { replySchema, type Reply } from '../shared/contract/reply.ts';
import {
  requests,
  type EngineChannel,
  type RequestInput,
  type RequestOutput,
} from '../shared/contract/requests.ts';
import { reasonOfEnd, theEngine } from '../engine/end-of-process.ts';
import type { EngineProgram } from './engine-program.ts';
import { heard, lastLines } from './last-words.ts';
import type { Log } from './log.ts';

type Begin = Omit<Extract<ToEngine, { kind: 'begin' }>, 'kind'>;
type Waiting = (reply: Reply<unknown>) => void;

interface Announcements {
  /** Every change of the engine's state: exit and crash are different states. */
  state: [EngineState];
  running: [];
  event: [EventName, EventPayload<EventName>];
}

/** glibc keeps a heap per thread and gives little back (scripts/bootstrap/engine-environment.mjs does the same for the command line). */
const memoryHabits = { MALLOC_ARENA_MAX: '2', MALLOC_TRIM_THRESHOLD_: '131072' };

/** How long the engine may take to end by itself. */
const patience = 4000;

/** Owns the engine process: starts it, speaks with it, notices its end, and never leaves it behind. */
export class EngineClient extends EventEmitter<Announcements> {
  readonly #program: EngineProgram;
  readonly #begin: () => Begin;
  readonly #log: Log;
  readonly #waiting = new Map<number, Waiting>();
  readonly #grants = new Map<string, string>();
  #child: ChildProcess | undefined;
  #state: EngineState = { status: 'stopped' };
  #number = 0;
  #lastWords = '';
  #stopping = false;

  constructor(program: EngineProgram, begin: () => Begin, log: Log) {
    super();
    this.#program = program;
    this.#begin = begin;
    this.#log = log;
  }

  get state(): EngineState {
    return this.#state;
  }

  get isAlive(): boolean {
    return this.#child !== undefined;
  }

  start(): void {
    if (this.#child !== undefined) return;
    const { node, script, folder, compiled } = this.#program;
    this.#lastWords = '';
    this.#stopping = false;
    // Electron's own switches would reach the engine's Node and the programs it starts.
    const env: NodeJS.ProcessEnv = { ...memoryHabits, NODE_COMPILE_CACHE: compiled, ...process.env };
    delete env['ELECTRON_RUN_AS_NODE'];
    delete env['NODE_OPTIONS'];
    const child = fork(script, [], {
      execPath: node,
      execArgv: ['--disable-warning=ExperimentalWarning'],
      cwd: folder,
      env,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'json',
    });
    this.#child = child;
    this.#become({ status: 'starting' });
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#lastWords = heard(this.#lastWords, chunk.toString('utf8'));
    });
    child.on('message', (message) => this.#receive(message));
    child.on('error', (error) => {
      this.#lastWords += `\n${error.message}`;
      this.#ended(child, null, null);
    });
    child.on('exit', (code, signal) => this.#ended(child, code, signal));
    this.#send({ kind: 'begin', ...this.#begin() });
    for (const [id, path] of this.#grants) this.#send({ kind: 'grant', id, path });
  }

  /** Answers also when the engine is gone: then with the failure `engine-gone`. */
  async request<C extends EngineChannel>(
    channel: C,
    input: RequestInput<C>,
  ): Promise<Reply<RequestOutput<C>>> {
    this.start();
    const number = ++this.#number;
    const reply = await new Promise<Reply<unknown>>((resolve) => {
      this.#waiting.set(number, resolve);
      this.#send({ kind: 'request', number, channel, input });
    });
    const parsed = replySchema(requests[channel].output).safeParse(reply);
    if (parsed.success) return parsed.data as Reply<RequestOutput<C>>;
    this.#log.error('the engine answered outside the contract', {
      channel,
      where: parsed.error.issues[0]?.path.join('.'),
    });
    return {
      ok: false,
      failure: { code: 'defect', message: `${channel}: the answer does not fit`, hint: null },
    };
  }

  /** Path behind a handle that the engine made; null when it knows none. */
  async locate(id: string): Promise<string | null> {
    if (this.#child === undefined) return null;
    const number = ++this.#number;
    const reply = await new Promise<Reply<unknown>>((resolve) => {
      this.#waiting.set(number, resolve);
      this.#send({ kind: 'locate', number, id });
    });
    return reply.ok && typeof reply.value === 'string' ? reply.value : null;
  }

  grant({ id, path }: { readonly id: string; readonly path: string }): void {
    this.#grants.set(id, path);
    if (this.#child !== undefined) this.#send({ kind: 'grant', id, path });
  }

  threads(threads: number): void {
    if (this.#child !== undefined) this.#send({ kind: 'threads', threads });
  }

  /** Asks the engine to end, and ends it when it does not. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#stopping = true;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const timer = setTimeout(() => child.kill('SIGKILL'), patience);
    this.#send({ kind: 'end' });
    await ended;
    clearTimeout(timer);
  }

  #receive(message: unknown): void {
    const parsed = fromEngineSchema.safeParse(message);
    if (!parsed.success) {
      this.#log.error('a message of the engine does not fit');
      return;
    }
    this.#take(parsed.data);
  }

  #take(message: FromEngine): void {
    if (message.kind === 'ready') {
      this.#become({ status: 'running' });
      this.emit('running');
      return;
    }
    if (message.kind === 'reply') {
      const resolve = this.#waiting.get(message.number);
      this.#waiting.delete(message.number);
      resolve?.(message.reply);
      return;
    }
    if (!isEventName(message.name)) return;
    const payload = events[message.name].safeParse(message.payload);
    if (payload.success) this.emit('event', message.name, payload.data);
    else this.#log.error('an event of the engine does not fit', { name: message.name });
  }

  #send(message: ToEngine): void {
    // A process that has just died: its end is announced separately.
    this.#child?.send(message, () => undefined);
  }

  #ended(child: ChildProcess, code: number | null, signal: NodeJS.Signals | null): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    if (this.#stopping) this.#become({ status: 'stopped' });
    else {
      const end = reasonOfEnd(theEngine, code, signal, this.#lastWords);
      this.#log.error('engine ended', { code, signal, lastLines: lastLines(this.#lastWords) });
      this.#become({ status: 'crashed', ...end });
    }
    const failure = {
      code: 'engine-gone',
      message: this.#state.status === 'crashed' ? this.#state.reason : 'The engine has ended.',
      hint: this.#state.status === 'crashed' ? this.#state.hint : null,
    };
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const resolve of waiting) resolve({ ok: false, failure });
  }

  #become(state: EngineState): void {
    this.#state = state;
    this.emit('state', state);
  }
}
