import { safeStorage } from 'electron';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { writeAtomically } from '../engine/jobs/atomic-write.ts';
import type { EngineClient } from './engine-client.ts';
import type { Log } from './log.ts';

export interface KeyStore {
  /** Whether the system has a key store worth the name; Chromium's fallback on Linux is no secret to anybody. */
  readonly available: boolean;
  has(key: string): boolean;
  keep(key: string, passphrase: string): Promise<void>;
  forget(key: string): Promise<void>;
  /** Unlocks every remembered key in an engine that has just started. */
  unlockAll(engine: EngineClient): Promise<void>;
}

const fileSchema = z.record(z.string().regex(/^[0-9a-f]{1,128}$/), z.base64());

/** Passphrases of keys, encrypted by the system's key store. They never reach the page. */
export async function openKeyStore(path: string, log: Log): Promise<KeyStore> {
  const text = await readFile(path, 'utf8').catch(() => '{}');
  const parsed = fileSchema.safeParse(parseJson(text));
  const kept = new Map(Object.entries(parsed.success ? parsed.data : {}));
  const available = await isAvailable();
  const save = () =>
    writeAtomically(path, `${JSON.stringify(Object.fromEntries(kept))}\n`, 'passphrases', 0o600);
  return {
    available,
    has: (key) => kept.has(key),
    async keep(key, passphrase) {
      if (!available) return;
      kept.set(key, (await safeStorage.encryptStringAsync(passphrase)).toString('base64'));
      await save();
    },
    async forget(key) {
      if (kept.delete(key)) await save();
    },
    async unlockAll(engine) {
      if (!available) return;
      for (const [key, sealed] of kept) {
        try {
          const { result: passphrase } = await safeStorage.decryptStringAsync(Buffer.from(sealed, 'base64'));
          const reply = await engine.request('keys.unlock', { key, passphrase, remember: false });
          if (!reply.ok) log.warn('a remembered key stays locked', { code: reply.failure.code });
        } catch (error) {
          log.warn('a remembered passphrase cannot be read', { error });
        }
      }
    },
  };
}

async function isAvailable(): Promise<boolean> {
  if (!(await safeStorage.isAsyncEncryptionAvailable())) return false;
  return process.platform !== 'linux' || safeStorage.getSelectedStorageBackend() !== 'basic_text';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
