import { app, Menu } from 'electron';
import { menuTemplate, type Command } from './menu-template.ts';

/** Puts the menu up; `run` is told what was chosen. */
export function installMenu(run: (command: Command) => void): void {
  const { name, isPackaged } = app;
  const template = menuTemplate(run, { name, isMac: process.platform === 'darwin', isPackaged });
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}
