// The smallest window there can be: what the application's figures are stated beside.
import { app, BrowserWindow } from 'electron';
import { fileURLToPath } from 'node:url';

void app.whenReady().then(() => {
  const window = new BrowserWindow({
    width: 1440,
    height: 900,
    show: false,
    webPreferences: { sandbox: true },
  });
  window.once('ready-to-show', () => window.show());
  void window.loadFile(fileURLToPath(new URL('page.html', import.meta.url)));
});
app.on('window-all-closed', () => app.quit());
