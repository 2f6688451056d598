import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { Failure } from '../../shared/failure.ts';
import { inlineExternalData } from './external-data.ts';
import type { ModelMessage } from './schema.ts';
import { schema } from './schema.ts';

export interface ModelFile {
  readonly path: string;
  readonly message: ModelMessage;
  /** SHA-256 over the file and then each external data file in the order of first use, lower-case hex. */
  readonly id: string;
  /** Size of the file with its external data. */
  readonly bytes: number;
}

/** Protobuf cannot hold more, and neither can one buffer given to the runtime. */
const LARGEST_FILE = 2 ** 31 - 1;

/**
 * Reads an ONNX file with its external data, which must lie in the same folder, into one message.
 * Throws Failure `model-unreadable` where there is no such file or it is no ONNX file.
 */
export async function readModel(path: string): Promise<ModelFile> {
  const subject = basename(path);
  const bytes = await readWhole(path, subject);
  const message = decode(bytes, subject);
  const hash = createHash('sha256').update(bytes);
  const external = await inlineExternalData(message, dirname(path), subject);
  for (const part of external.files) hash.update(part);
  const total = bytes.length + external.files.reduce((sum, part) => sum + part.length, 0);
  return { path, message, id: hash.digest('hex'), bytes: total };
}

async function readWhole(path: string, subject: string): Promise<Buffer> {
  const unreadable = (reason: string, hint: string, cause?: unknown) =>
    new Failure('model-unreadable', `${subject}: ${reason}`, { subject, hint, cause });
  const info = await stat(path).catch((cause: unknown) => {
    throw unreadable(
      'there is no such file, or it may not be read',
      'check the path and the access rights',
      cause,
    );
  });
  if (!info.isFile()) throw unreadable('this is not a file', 'give the path of an .onnx file');
  if (info.size === 0) throw unreadable('the file is empty', 'copy or export the model again');
  if (info.size > LARGEST_FILE) {
    throw unreadable('the file is larger than 2 GB', 'export the model with its weights as external data');
  }
  const handle = await open(path, 'r').catch((cause: unknown) => {
    throw unreadable('the file may not be read', 'check the access rights', cause);
  });
  try {
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

function decode(bytes: Buffer, subject: string): ModelMessage {
  let message: ModelMessage;
  try {
    message = schema.ModelProto.decode(bytes);
  } catch (cause) {
    throw new Failure('model-unreadable', `${subject}: this is no ONNX file, or it is cut off or damaged`, {
      subject,
      hint: 'copy or export the model again',
      cause,
    });
  }
  if (!message.graph?.node?.length) {
    throw new Failure('model-unreadable', `${subject}: this is no ONNX file, it holds no graph`, {
      subject,
      hint: 'give the path of a model exported to ONNX',
    });
  }
  return message;
}
