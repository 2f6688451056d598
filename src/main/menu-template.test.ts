import type { MenuItemConstructorOptions } from 'electron';
import { describe, expect, it } from 'vitest';
import { menuTemplate, type Command } from './menu-template.ts';

const program = { name: 'MedLocker', isMac: false, isPackaged: true };

describe('the menu', () => {
  it('names the screens with the keys that the page takes: Ctrl+1 to Ctrl+7', () => {
    const items = itemsOf(menuTemplate(() => undefined, program));
    const byKey = Object.fromEntries(items.map(({ accelerator, label }) => [accelerator, label]));
    expect(byKey).toMatchObject({
      'CmdOrCtrl+1': 'Start',
      'CmdOrCtrl+2': 'Protect',
      'CmdOrCtrl+3': 'Review',
      'CmdOrCtrl+4': 'Certificates',
      'CmdOrCtrl+5': 'Lab',
      'CmdOrCtrl+6': 'Settings',
      'CmdOrCtrl+7': 'About',
    });
  });

  it('goes where each item says', () => {
    const run: Command[] = [];
    const items = itemsOf(menuTemplate((command) => run.push(command), program));
    for (const name of ['Open folder…', 'Start', 'Lab']) {
      const click = items.find(({ label }) => label === name)?.click as (() => void) | undefined;
      click?.();
    }
    expect(run).toEqual(['open-folder', 'start', 'lab']);
  });

  it('gives no key to two items', () => {
    const keys = itemsOf(menuTemplate(() => undefined, program)).flatMap(
      ({ accelerator }) => accelerator ?? [],
    );
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('has development tools only where the program is not packaged', () => {
    const roles = (isPackaged: boolean) =>
      itemsOf(menuTemplate(() => undefined, { ...program, isPackaged })).map(({ role }) => role);
    expect(roles(true)).not.toContain('toggleDevTools');
    expect(roles(false)).toContain('toggleDevTools');
  });
});

function itemsOf(menu: readonly MenuItemConstructorOptions[]): MenuItemConstructorOptions[] {
  return menu.flatMap(({ submenu }) => (Array.isArray(submenu) ? submenu : []));
}
