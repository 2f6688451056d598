import { bridgeName, type WindowBridge } from '../../shared/contract/bridge.ts';
import type { RequestChannel, RequestInput, RequestOutput } from '../../shared/contract/requests.ts';

/** Thrown by an answer: a failure with this code. */
export class Refused extends Error {}

type Answers = {
  readonly [C in RequestChannel]?: (input: RequestInput<C>) => RequestOutput<C> | Promise<RequestOutput<C>>;
};

/**
 * Puts a bridge for tests where the page looks for it; a channel without an answer fails.
 *
 * @returns channels in the order they were asked
 */
export function answerWith(answers: Answers): string[] {
  const asked: string[] = [];
  const bridge = {
    async request(channel: RequestChannel, input: never) {
      asked.push(channel);
      const answer = answers[channel] as ((input: never) => unknown) | undefined;
      if (answer === undefined) {
        return { ok: false, failure: { code: 'usage', message: `no answer to ${channel}`, hint: null } };
      }
      try {
        return { ok: true, value: await answer(input) };
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        return { ok: false, failure: { code: error.message, message: error.message, hint: null } };
      }
    },
    on: () => () => undefined,
    drop: async () => ({ ok: true, value: [] }),
  };
  Object.assign(globalThis, { [bridgeName]: bridge as unknown as WindowBridge });
  return asked;
}
