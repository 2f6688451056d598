import type { Page } from 'playwright-core';
import type { Reply } from '../../src/shared/contract/reply.ts';
import type { RequestChannel, RequestInput, RequestOutput } from '../../src/shared/contract/requests.ts';

interface AnyBridge {
  request(channel: string, input: unknown): Promise<unknown>;
}

type Ask = <C extends RequestChannel>(channel: C, input: RequestInput<C>) => Promise<RequestOutput<C>>;

/** Asks through the page's own bridge. @throws Error with code and message of a failure */
export function asker(page: Page): Ask {
  return async <C extends RequestChannel>(channel: C, input: RequestInput<C>) => {
    const message: { channel: string; input: unknown } = { channel, input };
    const reply = (await page.evaluate(
      ({ channel: name, input: value }) =>
        (globalThis as unknown as { medlocker: AnyBridge }).medlocker.request(name, value),
      message,
    )) as Reply<unknown>;
    if (reply.ok) return reply.value as RequestOutput<C>;
    throw new Error(`${channel}: ${reply.failure.code}: ${reply.failure.message}`);
  };
}
