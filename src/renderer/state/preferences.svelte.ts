import type { WindowSettings } from '../../shared/contract/app.ts';
import { ask, askOrNotice, bridge } from './ask.ts';

const fallback: WindowSettings = {
  theme: 'system',
  language: 'en',
  threads: 1,
  ownerKey: null,
  reviewRequired: false,
  welcomed: true,
};

/** The window's settings as main keeps them. */
export class Preferences {
  current = $state.raw<WindowSettings>(fallback);
  /** What the system wishes, used by the theme `system`. */
  systemIsDark = $state(true);
  readonly isDark = $derived(
    this.current.theme === 'dark' || (this.current.theme === 'system' && this.systemIsDark),
  );

  /** Reads the settings and follows their changes for as long as the page lives. */
  async open(): Promise<void> {
    bridge().on('settings.changed', (now) => {
      this.current = now;
    });
    const dark = matchMedia('(prefers-color-scheme: dark)');
    this.systemIsDark = dark.matches;
    dark.addEventListener('change', ({ matches }) => {
      this.systemIsDark = matches;
    });
    const reply = await ask('settings.get', {});
    if (reply.ok) this.current = reply.value;
  }

  async change(some: Partial<WindowSettings>): Promise<void> {
    const now = await askOrNotice('settings.set', some);
    if (now !== null) this.current = now;
  }
}

export const preferences = new Preferences();
