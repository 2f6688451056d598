import { app, Menu, type MenuItemConstructorOptions } from 'electron';
import type { EventPayload } from '../shared/contract/events.ts';

type Command = EventPayload<'app.command'>;

/** A short menu: what is not here is a button in the window. Development tools only where the program is not packaged. */
export function installMenu(run: (command: Command) => void): void {
  const item = (label: string, command: Command, accelerator?: string): MenuItemConstructorOptions => ({
    label,
    ...(accelerator === undefined ? {} : { accelerator }),
    click: () => run(command),
  });
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      {
        label: process.platform === 'darwin' ? app.name : 'File',
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
          item('Protect', 'protect', 'CmdOrCtrl+1'),
          item('Review', 'review', 'CmdOrCtrl+2'),
          item('Certificates', 'certificates', 'CmdOrCtrl+3'),
          item('Lab', 'lab', 'CmdOrCtrl+4'),
          { type: 'separator' },
          { role: 'resetZoom' },
          { role: 'zoomIn' },
          { role: 'zoomOut' },
          { role: 'togglefullscreen' },
          ...(app.isPackaged ? [] : [{ role: 'toggleDevTools' as const }]),
        ],
      },
    ]),
  );
}
