import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { OwnerKey } from '../../ml/certificate/owner-key.ts';
import { Failure } from '../../shared/failure.ts';
import { hashFile } from '../jobs/content-hash.ts';
import { readHeader } from '../jobs/job-header.ts';
import { readJournal, type JournalRecord } from '../jobs/journal.ts';
import { shardName, wholeJob } from '../jobs/shard.ts';
import { finishSet, type FinishedSet } from './finish-set.ts';
import { privateFolder, privateFolderName } from './private-folder.ts';
import { setIdOf } from './protect.ts';

export interface MergeResult {
  readonly job: string;
  readonly out: string;
  readonly shards: number;
  readonly totals: { readonly protected: number; readonly noRoom: number; readonly failed: number };
  readonly set: FinishedSet;
}

/**
 * Finishes a job that ran in shards: checks that every shard is there, complete and unaltered, then writes the manifest and the report that
 * one run would have written.
 *
 * @param out the output folder that all shards wrote to
 * @throws Failure job-inconsistent naming the shard or file that is missing, key-unusable for another owner
 */
export async function mergeShards(out: string, owner: OwnerKey, signal?: AbortSignal): Promise<MergeResult> {
  const root = await realpath(out).catch((error: unknown) => {
    throw new Failure('usage', `${out} does not exist`, {
      subject: out,
      hint: 'Name the --out of the shards.',
      cause: error,
    });
  });
  const folder = privateFolder(root, wholeJob);
  const header = await readHeader(folder.header);
  if (header === null) {
    throw new Failure('usage', `${out} holds no MedLocker job`, {
      subject: out,
      hint: 'Name the --out of the shards.',
    });
  }
  if (header.settings['owner'] !== owner.publicKey) {
    throw new Failure('key-unusable', 'the shards were signed with another owner key', {
      subject: '--owner-key',
      hint: 'Use the key that the shards were protected with.',
    });
  }
  const count = await shardCount(folder.folder);
  const records: JournalRecord[] = [];
  for (let index = 1; index <= count; index++) {
    records.push(...(await completeShard(root, index, count, header.job)));
  }
  for (const record of records) {
    signal?.throwIfAborted();
    if (record.state === 'done') await checkOutputs(root, record);
  }
  const ofState = (state: JournalRecord['state']) =>
    records.filter((record) => record.state === state).length;
  const set = await finishSet({
    out: root,
    folder,
    header,
    owner,
    setId: setIdOf(header),
    records,
    skipped: [],
  });
  return {
    job: header.job,
    out: root,
    shards: count,
    totals: { protected: ofState('done'), noRoom: ofState('no-room'), failed: ofState('failed') },
    set,
  };
}

/** From the names of the journals: `journal-2-of-4.jsonl`. */
async function shardCount(folder: string): Promise<number> {
  const names = await readdir(folder);
  const counts = new Set(names.flatMap((name) => /^journal-\d+-of-(\d+)\.jsonl$/.exec(name)?.[1] ?? []));
  const [count] = [...counts].map(Number);
  if (counts.size === 1 && count !== undefined) return count;
  throw new Failure(
    'job-inconsistent',
    counts.size === 0
      ? 'no shard has run into this folder'
      : `shards of different counts ran into this folder: ${[...counts].join(', ')}`,
    {
      subject: join(folder),
      hint: `Run all shards of one --shard i/n into one --out, then merge (see ${privateFolderName}).`,
    },
  );
}

async function completeShard(
  root: string,
  index: number,
  count: number,
  job: string,
): Promise<readonly JournalRecord[]> {
  const shard = { index, count };
  const { journal: path } = privateFolder(root, shard);
  const journal = await readJournal(path);
  const complain = (why: string) =>
    new Failure('job-inconsistent', `shard ${shardName(shard)} ${why}`, {
      subject: path,
      hint: `Run it (again): medlocker protect ... --shard ${index}/${count}`,
    });
  if (journal === null) throw complain('has not run');
  if (journal.header.job !== job) throw complain('belongs to another job');
  if (journal.total === null) throw complain('was interrupted');
  return journal.records;
}

async function checkOutputs(root: string, record: Extract<JournalRecord, { state: 'done' }>): Promise<void> {
  for (const { path, sha256, bytes } of Object.values(record.outputs)) {
    const file = join(root, ...path.split('/'));
    const found = await stat(file).catch(() => null);
    if (found?.size === bytes && (await hashFile(file)) === sha256) continue;
    throw new Failure('job-inconsistent', `${path} is missing or was changed since it was written`, {
      subject: file,
      hint: 'Run its shard again: it writes what is missing.',
    });
  }
}
