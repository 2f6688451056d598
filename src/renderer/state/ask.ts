import { bridgeName, type WindowBridge } from '../../shared/contract/bridge.ts';
import type { FailureReply, Reply } from '../../shared/contract/reply.ts';
import type { RequestChannel, RequestInput, RequestOutput } from '../../shared/contract/requests.ts';
import { notices } from './notices.svelte.ts';

/** The only door to the outside. A test may put a bridge of its own on `globalThis`. */
export function bridge(): WindowBridge {
  return (globalThis as unknown as Record<typeof bridgeName, WindowBridge>)[bridgeName];
}

/** Asks and answers, as the contract says: a failure is a value, never an exception. */
export function ask<C extends RequestChannel>(
  channel: C,
  input: RequestInput<C>,
): Promise<Reply<RequestOutput<C>>> {
  return bridge().request(channel, input);
}

/** Asks; a failure is shown as a notice and gives null. A cancelled request is nobody's failure and shows nothing. */
export async function askOrNotice<C extends RequestChannel>(
  channel: C,
  input: RequestInput<C>,
): Promise<RequestOutput<C> | null> {
  const reply = await ask(channel, input);
  if (reply.ok) return reply.value;
  if (reply.failure.code !== 'cancelled') noticeFailure(reply.failure);
  return null;
}

export function noticeFailure({ message, hint }: FailureReply): void {
  notices.add({ tone: 'bad', message, hint });
}
