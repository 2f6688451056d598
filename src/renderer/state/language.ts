import { overwriteGetLocale } from '../paraglide/runtime.js';
import { preferences } from './preferences.svelte.ts';

/** Messages follow the settings: a text in a template is drawn anew when the language changes, without a reload. */
export function followLanguage(): void {
  overwriteGetLocale(() => preferences.current.language);
}

/** Numbers, dates and sizes as the chosen language writes them. */
export function numberFormat(options: Intl.NumberFormatOptions = {}): Intl.NumberFormat {
  return new Intl.NumberFormat(preferences.current.language, options);
}
