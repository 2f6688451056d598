import type { Screen } from '../../shared/contract/screens.ts';
import { m } from '../paraglide/messages.js';
import type { IconName } from '../ui/icons.ts';

export interface NavigationEntry {
  readonly screen: Screen;
  readonly icon: IconName;
  readonly label: () => string;
}

/** In the order of their keys, Ctrl+1 and on. */
export const navigationEntries: readonly NavigationEntry[] = [
  { screen: 'start', icon: 'start', label: m.nav_start },
  { screen: 'protect', icon: 'protect', label: m.nav_protect },
  { screen: 'review', icon: 'review', label: m.nav_review },
  { screen: 'certificates', icon: 'certificates', label: m.nav_certificates },
  { screen: 'lab', icon: 'lab', label: m.nav_lab },
  { screen: 'settings', icon: 'settings', label: m.nav_settings },
  { screen: 'about', icon: 'about', label: m.nav_about },
];

/** Screen that Ctrl+digit (Command+digit on a Mac) goes to; null for any other key. */
export function screenOfKey(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>,
) {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return null;
  return /^[1-9]$/.test(event.key) ? (navigationEntries[Number(event.key) - 1]?.screen ?? null) : null;
}
