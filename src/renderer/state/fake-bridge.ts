import { bridgeName, type WindowBridge } from '../../shared/contract/bridge.ts';
import { isEventName, type EventName, type EventPayload } from '../../shared/contract/events.ts';
import type { FailureReply, Reply } from '../../shared/contract/reply.ts';
import type { RequestChannel, RequestInput, RequestOutput } from '../../shared/contract/requests.ts';

type Answer<C extends RequestChannel> = (input: RequestInput<C>) => Promise<Reply<RequestOutput<C>>>;
type Answers = { [C in RequestChannel]?: Answer<C> };

/** A bridge for tests: answers as told, records what was asked, sends events by hand. */
export class FakeBridge {
  readonly asked: { channel: RequestChannel; input: unknown }[] = [];
  readonly answers: Answers = {};
  readonly #listeners: { event: EventName; listener: (payload: never) => void }[] = [];

  /** Puts a new one in the page's place for it. */
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

  inputsOf(channel: RequestChannel): unknown[] {
    return this.asked.filter((entry) => entry.channel === channel).map(({ input }) => input);
  }

  #request<C extends RequestChannel>(channel: C, input: RequestInput<C>): Promise<Reply<RequestOutput<C>>> {
    this.asked.push({ channel, input });
    const answer = this.answers[channel];
    return answer === undefined ? Promise.resolve(failed('engine-gone', channel)) : answer(input);
  }
}

export function worked<T>(value: T): Reply<T> {
  return { ok: true, value };
}

export function failed(code: string, message = code): { ok: false; failure: FailureReply } {
  return { ok: false, failure: { code, message, hint: null } };
}
