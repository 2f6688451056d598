import { app } from 'electron';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { RequestOutput } from '../shared/contract/requests.ts';

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({ version: z.string().optional(), license: z.string().optional(), dev: z.boolean().optional() }),
  ),
});

/** Name, version, licence and, where it is at hand, the licence text of every package that ships. */
export async function shippedLicences(): Promise<RequestOutput<'app.licences'>> {
  const folder = app.isPackaged ? join(process.resourcesPath, 'engine') : app.getAppPath();
  const lock = lockSchema.parse(JSON.parse(await readFile(join(folder, 'package-lock.json'), 'utf8')));
  const own = {
    name: 'MedLocker',
    version: app.getVersion(),
    licence: 'MIT',
    text: await readFile(join(folder, 'LICENSE'), 'utf8').catch(() => null),
  };
  // The list has the packages of other platforms, too; those are not there.
  const listed = Object.entries(lock.packages).filter(
    ([path, { dev }]) => path !== '' && dev !== true && existsSync(join(folder, path)),
  );
  const rest = await Promise.all(
    listed.map(async ([path, { version, license }]) => ({
      name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
      version: version ?? '',
      licence: license ?? 'see its text',
      text: await licenceText(join(folder, path)),
    })),
  );
  return [own, ...rest];
}

async function licenceText(folder: string): Promise<string | null> {
  const names = await readdir(folder).catch((): string[] => []);
  const name = names.find((entry) => /^(licen[cs]e|copying)(\.|$)/i.test(entry));
  return name === undefined ? null : readFile(join(folder, name), 'utf8').catch(() => null);
}
