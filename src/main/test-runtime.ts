import { app } from 'electron';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Whether this runs in the copy of Electron that tests use; a package made with it carries a notice. */
export function isTestRuntime(): boolean {
  if (app.isPackaged) return existsSync(join(process.resourcesPath, 'notices', 'TEST-ARTEFACT.txt'));
  return process.env['MEDLOCKER_TEST_RUNTIME'] === '1';
}
