import type { EngineChannel } from '../../../shared/contract/requests.ts';
import type { Topic, WindowHost } from '../topic.ts';
import type { ContactBook } from './contact-book.ts';

type ContactChannel = Extract<EngineChannel, `contacts.${string}`>;

export function contactsTopic(contacts: ContactBook, { paths }: WindowHost): Topic<ContactChannel> {
  return {
    'contacts.list': () => contacts.list(),
    'contacts.add': ({ file }) => contacts.add(paths.pathOf(file)),
    'contacts.remove': async ({ contact }) => {
      await contacts.remove(contact);
      return {};
    },
  };
}
