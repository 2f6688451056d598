import { open, rm, type FileHandle } from 'node:fs/promises';

/** Pictures of one size, decoded once: the first ones in memory, the others in a scratch file. */
export interface ImageStore {
  /** Keeps a picture; false where neither memory nor disk has room for it. */
  add(key: unknown, pixels: Uint8Array): Promise<boolean>;
  /** A picture that was kept; undefined for others. */
  read(key: unknown): Promise<Uint8Array | undefined>;
  /** Removes the scratch file; pictures in memory stay. */
  close(): Promise<void>;
}

/**
 * @param scratch path of the file, made when memory is used up
 * @param size bytes of a picture
 * @param memory bytes that pictures may take in memory
 */
export function openImageStore(scratch: string, size: number, memory: number): ImageStore {
  const inMemory = new Map<unknown, Uint8Array>();
  const slots = new Map<unknown, number>();
  let opening: Promise<FileHandle> | undefined;
  let isFull = false;
  let next = 0;

  async function spill(key: unknown, pixels: Uint8Array): Promise<boolean> {
    if (isFull) return false;
    const slot = next++;
    try {
      opening ??= open(scratch, 'wx+', 0o600);
      const { bytesWritten } = await (await opening).write(pixels, 0, size, slot * size);
      if (bytesWritten < size) throw new Error('short write');
    } catch {
      // A full disk only costs time: what is not kept is decoded again whenever it is asked for.
      isFull = true;
      return false;
    }
    slots.set(key, slot);
    return true;
  }

  return {
    async add(key, pixels) {
      if ((inMemory.size + 1) * size > memory) return spill(key, pixels);
      inMemory.set(key, pixels);
      return true;
    },
    async read(key) {
      const slot = slots.get(key);
      if (slot === undefined || opening === undefined) return inMemory.get(key);
      const pixels = new Uint8Array(size);
      const { bytesRead } = await (await opening).read(pixels, 0, size, slot * size);
      return bytesRead === size ? pixels : undefined;
    },
    async close() {
      const file = await opening?.catch(() => undefined);
      if (opening === undefined) return;
      await file?.close();
      slots.clear();
      await rm(scratch, { force: true });
    },
  };
}
