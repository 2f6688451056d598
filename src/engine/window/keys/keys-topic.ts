import type { EngineChannel } from '../../../shared/contract/requests.ts';
import { writeAtomically } from '../../jobs/atomic-write.ts';
import type { Topic, WindowHost } from '../topic.ts';
import type { KeyShelf, ShelvedKey } from './key-shelf.ts';

type KeyChannel = Extract<EngineChannel, `keys.${string}`>;

/** Keys as the window sees them: names and public halves. Main adds whether a passphrase is remembered. */
export function keysTopic(keys: KeyShelf, { paths }: WindowHost): Topic<KeyChannel> {
  return {
    'keys.list': async () => (await keys.list()).map(shown),
    'keys.create': async ({ kind, name, passphrase }) => shown(await keys.create(kind, name, passphrase)),
    'keys.import': async ({ file, passphrase }) => shown(await keys.import(paths.pathOf(file), passphrase)),
    'keys.unlock': async ({ key, passphrase }) => shown(await keys.unlock(key, passphrase)),
    'keys.lock': async ({ key }) => shown(await keys.lock(key)),
    'keys.exportPublic': async ({ key, file }) => {
      const path = paths.pathOf(file);
      await writeAtomically(path, await keys.publicFile(key), 'keys');
      return paths.handle(path, 'file');
    },
  };
}

function shown(key: ShelvedKey) {
  return { ...key, remembered: false };
}
