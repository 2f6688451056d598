import type { Key } from '../shared/contract/certificates.ts';
import type { Reply } from '../shared/contract/reply.ts';
import type { EngineChannel, RequestInput } from '../shared/contract/requests.ts';
import type { EngineClient } from './engine-client.ts';
import type { KeyStore } from './key-store.ts';

type Ask = <C extends EngineChannel>(channel: C, input: RequestInput<C>) => Promise<Reply<unknown>>;

/** Passes requests on, keeps a passphrase where the person asks for it, and says of every key whether it is kept. */
export function withRememberedKeys(engine: EngineClient, store: KeyStore): Ask {
  const marked = (key: Key): Key => ({ ...key, remembered: store.has(key.id) });
  return async (channel, input) => {
    const reply = await engine.request(channel, input);
    if (!reply.ok) return reply;
    if (channel === 'keys.list') return { ok: true, value: (reply.value as Key[]).map(marked) };
    if (channel === 'keys.create' || channel === 'keys.import' || channel === 'keys.unlock') {
      const key = reply.value as Key;
      const { remember, passphrase } = input as RequestInput<'keys.unlock'>;
      if (remember) await store.keep(key.id, passphrase);
      return { ok: true, value: marked(key) };
    }
    if (channel === 'keys.lock') {
      const key = reply.value as Key;
      // Locking by hand means that nobody shall sign with it, not even after the next start.
      await store.forget(key.id);
      return { ok: true, value: marked(key) };
    }
    return reply;
  };
}
