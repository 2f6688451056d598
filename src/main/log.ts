import electronLog from 'electron-log/main.js';
import { readFile } from 'node:fs/promises';

export interface Log {
  info(message: string, facts?: Facts): void;
  warn(message: string, facts?: Facts): void;
  error(message: string, facts?: Facts): void;
  /** The newest lines, for diagnostics. */
  tail(lines: number): Promise<string>;
}

type Facts = Readonly<Record<string, unknown>>;

/** A file of at most 1 MB, the one before it kept. Facts are codes and counts: paths and names of images stay out. */
export function openLog(path: string): Log {
  const log = electronLog.create({ logId: 'main' });
  log.transports.file.resolvePathFn = () => path;
  log.transports.file.maxSize = 1024 * 1024;
  log.transports.console.level = process.env['MEDLOCKER_LOG'] === 'console' ? 'silly' : false;
  const line = (message: string, facts?: Facts) =>
    facts === undefined ? message : `${message} ${JSON.stringify(plain(facts))}`;
  return {
    info: (message, facts) => log.info(line(message, facts)),
    warn: (message, facts) => log.warn(line(message, facts)),
    error: (message, facts) => log.error(line(message, facts)),
    async tail(lines) {
      const text = await readFile(path, 'utf8').catch(() => '');
      return text.trimEnd().split('\n').slice(-lines).join('\n');
    },
  };
}

function plain(facts: Facts): Facts {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [
      name,
      value instanceof Error ? `${value.name}: ${value.message}` : value,
    ]),
  );
}
