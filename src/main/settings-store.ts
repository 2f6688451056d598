import { readFile, rename } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { app } from 'electron';
import { writeAtomically } from '../engine/jobs/atomic-write.ts';
import { languages, windowSettingsSchema, type WindowSettings } from '../shared/contract/app.ts';
import type { Log } from './log.ts';

export interface SettingsStore {
  readonly current: WindowSettings;
  /** Non-null after a start with a damaged file. */
  readonly notice: string | null;
  change(some: Partial<WindowSettings>): Promise<WindowSettings>;
  onChange(listener: (now: WindowSettings) => void): void;
}

/** Reads the settings; a damaged file is put aside and said, never silently lost. */
export async function openSettings(path: string, log: Log): Promise<SettingsStore> {
  let current = defaults();
  let notice: string | null = null;
  const listeners: ((now: WindowSettings) => void)[] = [];
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text !== null) {
    const read = parse(text);
    if (read === null) {
      await rename(path, `${path}.damaged`).catch(() => undefined);
      notice =
        'The settings file was damaged. It was put aside as settings.json.damaged; the defaults apply.';
      log.warn('settings damaged, defaults apply');
    } else current = read;
  }
  return {
    get current() {
      return current;
    },
    get notice() {
      return notice;
    },
    async change(some) {
      current = windowSettingsSchema.parse({ ...current, ...some });
      await writeAtomically(path, `${JSON.stringify(current, null, 2)}\n`, 'settings');
      for (const listener of listeners) listener(current);
      return current;
    },
    onChange: (listener) => void listeners.push(listener),
  };
}

/** Settings that a newer or older version wrote keep what both know. */
function parse(text: string): WindowSettings | null {
  try {
    const found: unknown = JSON.parse(text);
    if (found === null || typeof found !== 'object') return null;
    const known = Object.fromEntries(
      Object.entries(found).filter(([name]) => Object.hasOwn(windowSettingsSchema.shape, name)),
    );
    return windowSettingsSchema.parse({ ...defaults(), ...known });
  } catch {
    return null;
  }
}

function defaults(): WindowSettings {
  const system = app.getLocale().slice(0, 2);
  return {
    theme: 'system',
    language: languages.find((language) => language === system) ?? 'en',
    threads: availableParallelism(),
    ownerKey: null,
    reviewRequired: false,
    welcomed: false,
  };
}
