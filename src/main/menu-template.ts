import type { MenuItemConstructorOptions } from 'electron';
import type { EventPayload } from '../shared/contract/events.ts';
import { screens, type Screen } from '../shared/contract/screens.ts';

export type Command = EventPayload<'app.command'>;

interface Program {
  readonly name: string;
  readonly isMac: boolean;
  /** Without it there are development tools. */
  readonly isPackaged: boolean;
}

const labels: Readonly<Record<Screen, string>> = {
  start: 'Start',
  protect: 'Protect',
  review: 'Review',
  certificates: 'Certificates',
  lab: 'Lab',
  settings: 'Settings',
  about: 'About',
};

/** A short menu: what is not here is a button in the window. */
export function menuTemplate(
  run: (command: Command) => void,
  program: Program,
): MenuItemConstructorOptions[] {
  const item = (label: string, command: Command, accelerator?: string): MenuItemConstructorOptions => ({
    label,
    ...(accelerator === undefined ? {} : { accelerator }),
    click: () => run(command),
  });
  return [
    {
      label: program.isMac ? program.name : 'File',
      submenu: [
        item('Open folder…', 'open-folder', 'CmdOrCtrl+O'),
        item('Settings', 'settings', 'CmdOrCtrl+,'),
        { type: 'separator' },
        item('About and licences', 'about'),
        { role: 'quit' },
      ],
    },
    { role: 'editMenu' },
    {
      label: 'View',
      submenu: [
        ...screens.map((screen, index) => item(labels[screen], screen, `CmdOrCtrl+${index + 1}`)),
        { type: 'separator' },
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { role: 'togglefullscreen' },
        ...(program.isPackaged ? [] : [{ role: 'toggleDevTools' as const }]),
      ],
    },
  ];
}
