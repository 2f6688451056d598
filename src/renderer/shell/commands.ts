import { protectView } from '../features/protect/protect-view.svelte.ts';
import { bridge } from '../state/ask.ts';
import { navigation } from '../state/navigation.svelte.ts';

/** Follows the menu, and opens what was given to the program at its start. */
export function followCommands(): void {
  bridge().on('app.command', (command) => {
    if (command === 'open-folder') void protectView.pickFolder();
    else navigation.go(command);
  });
  bridge().on('paths.opened', (handle) => void protectView.openFolder(handle));
}
