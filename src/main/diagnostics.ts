import { app } from 'electron';
import { cpus, release, totalmem } from 'node:os';
import type { EngineClient } from './engine-client.ts';
import type { Log } from './log.ts';
import { withoutNames } from './without-names.ts';

/** What helps to find a fault, safe to send to strangers: no path, no file name, no patient. */
export async function diagnostics(engine: EngineClient, log: Log): Promise<string> {
  const lines = [
    `MedLocker ${app.getVersion()}`,
    `Electron ${process.versions.electron}, Chromium ${process.versions.chrome}`,
    `${process.platform} ${release()} ${process.arch}`,
    `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} threads, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    `engine ${engine.state.status}`,
  ];
  const device = engine.state.status === 'running' ? await engine.request('app.device', {}) : null;
  if (device?.ok === true)
    lines.push(
      `graders: ${device.value.inference}`,
      `training: ${device.value.training ?? device.value.trainingMissing ?? 'not there'}`,
    );
  return withoutNames(`${lines.join('\n')}\n\n${await log.tail(200)}\n`);
}
