import { bridgeName, type WindowBridge } from '../../shared/contract/bridge.ts';
import { isEventName, type EventName, type EventPayload } from '../../shared/contract/events.ts';
import type { Reply } from '../../shared/contract/reply.ts';
import type { RequestChannel, RequestInput, RequestOutput } from '../../shared/contract/requests.ts';

type Outcome<C extends RequestChannel> = RequestOutput<C> | Refusal;
type Answer<C extends RequestChannel> = (input: RequestInput<C>) => Outcome<C> | Promise<Outcome<C>>;
type Answers = { [C in RequestChannel]?: Answer<C> };

/** A bridge for tests: answers as told, records what was asked, sends events by hand. */
export class FakeBridge {
  readonly asked: { channel: RequestChannel; input: unknown }[] = [];
  readonly answers: Answers = {};
  readonly #listeners: { event: EventName; listener: (payload: never) => void }[] = [];

  /** Puts a new one in the page's place for it; a channel without an answer fails. */
  static install(answers: Answers = {}): FakeBridge {
    const fake = new FakeBridge();
    Object.assign(fake.answers, answers);
    const bridge: WindowBridge = {
      request: (channel, input) => fake.#request(channel, input),
      on: (event, listener) => {
        const entry = { event, listener };
        fake.#listeners.push(entry);
        return () => void fake.#listeners.splice(fake.#listeners.indexOf(entry), 1);
      },
      drop: () => Promise.resolve({ ok: true, value: [] }),
    };
    Object.assign(globalThis, { [bridgeName]: bridge });
    return fake;
  }

  send<E extends EventName>(event: E, payload: EventPayload<E>): void {
    if (!isEventName(event)) throw new TypeError('there is no such event');
    for (const entry of [...this.#listeners])
      if (entry.event === event) (entry.listener as (payload: EventPayload<E>) => void)(payload);
  }

  /** In the order they were asked. */
  get channels(): RequestChannel[] {
    return this.asked.map(({ channel }) => channel);
  }

  inputsOf(channel: RequestChannel): unknown[] {
    return this.asked.filter((entry) => entry.channel === channel).map(({ input }) => input);
  }

  async #request<C extends RequestChannel>(
    channel: C,
    input: RequestInput<C>,
  ): Promise<Reply<RequestOutput<C>>> {
    this.asked.push({ channel, input });
    const answer = this.answers[channel];
    const outcome = answer === undefined ? failed('engine-gone', channel) : await answer(input);
    if (!(outcome instanceof Refusal)) return { ok: true, value: outcome };
    return { ok: false, failure: { code: outcome.code, message: outcome.message, hint: null } };
  }
}

/** What an answer gives instead of a value when the request fails. */
export function failed(code: string, message = code): Refusal {
  return new Refusal(code, message);
}

export class Refusal {
  readonly code: string;
  readonly message: string;

  constructor(code: string, message: string) {
    this.code = code;
    this.message = message;
  }
}
