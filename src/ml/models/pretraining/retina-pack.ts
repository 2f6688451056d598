import { open, type FileHandle } from 'node:fs/promises';
import { Failure } from '../../../shared/failure.ts';
import { CELL } from './viewpoint.ts';
import { pretrainingRetina, type PretrainingRetina } from './pretraining-retina.ts';

/** Pretraining pictures in one file, since painting one takes as long as learning from it; read in any order. */
export interface RetinaPack {
  readonly count: number;
  readonly side: number;
  retina(index: number): Promise<PretrainingRetina>;
  close(): Promise<void>;
}

const MAGIC = 'MLRETINA1\n';
/** Magic, then side, count and first seed as 32-bit little-endian integers. */
const HEADER = MAGIC.length + 12;

/**
 * Paints the eyes of `count` seeds from `firstSeed` into a file and reports after each. A file cut short by an interruption is
 * continued where it ends, since every picture depends on its seed only.
 */
export async function paintRetinaPack(
  path: string,
  request: { side: number; count: number; firstSeed: number },
  onProgress: (done: number) => void = () => undefined,
): Promise<void> {
  const { side, count, firstSeed } = request;
  const header = Buffer.alloc(HEADER);
  header.write(MAGIC, 'latin1');
  [side, count, firstSeed].forEach((value, i) => header.writeUInt32LE(value, MAGIC.length + 4 * i));
  const file = await open(path, 'a+');
  try {
    const { size } = await file.stat();
    const found = Buffer.alloc(Math.min(size, HEADER));
    await file.read(found, 0, found.length, 0);
    const continues = size >= HEADER && found.equals(header);
    const done = continues ? Math.floor((size - HEADER) / recordBytes(side)) : 0;
    await file.truncate(continues ? HEADER + done * recordBytes(side) : 0);
    if (!continues) await file.appendFile(header);
    for (let index = done; index < count; index++) {
      const { grade, cells, pixels } = await pretrainingRetina(firstSeed + index, side);
      await file.appendFile(Buffer.concat([Buffer.of(grade), cells, pixels]));
      onProgress(index + 1);
    }
  } finally {
    await file.close();
  }
}

/** Opens a finished pack. Throws Failure `job-inconsistent` for another file or one cut short. */
export async function openRetinaPack(path: string): Promise<RetinaPack> {
  const file = await open(path, 'r');
  try {
    return await readPack(path, file);
  } catch (cause) {
    await file.close();
    throw cause;
  }
}

async function readPack(path: string, file: FileHandle): Promise<RetinaPack> {
  const header = Buffer.alloc(HEADER);
  await file.read(header, 0, HEADER, 0);
  const side = header.readUInt32LE(MAGIC.length);
  const count = header.readUInt32LE(MAGIC.length + 4);
  const { size } = await file.stat();
  const whole = HEADER + count * recordBytes(side);
  if (header.toString('latin1', 0, MAGIC.length) !== MAGIC || size !== whole) {
    throw new Failure('job-inconsistent', `${path}: not a finished pack of pretraining retinas`, {
      subject: path,
      hint: 'Run the command again; painting goes on where it stopped.',
    });
  }
  const cellBytes = (side / CELL) ** 2;
  return {
    count,
    side,
    retina: async (index) => {
      const record = Buffer.alloc(recordBytes(side));
      await file.read(record, 0, record.length, HEADER + index * record.length);
      return {
        grade: record[0] as PretrainingRetina['grade'],
        cells: record.subarray(1, 1 + cellBytes),
        pixels: record.subarray(1 + cellBytes),
      };
    },
    close: () => file.close(),
  };
}

function recordBytes(side: number): number {
  return 1 + (side / CELL) ** 2 + side * side * 3;
}
