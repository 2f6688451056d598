import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settleHeader, type JobHeader } from './job-header.ts';
import { openJournal, readJournal, type JournalRecord } from './journal.ts';

let folder: string;
let path: string;
let header: JobHeader;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'medlocker-journal-'));
  path = join(folder, 'journal-main.jsonl');
  ({ header } = await settleHeader(join(folder, 'job.json'), { seed: 1 }, new Date(1e12)));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function record(name: string, reason = 'no place'): JournalRecord {
  return { state: 'no-room', path: name, content: 'a'.repeat(64), seconds: 1, reason };
}

async function write(...records: JournalRecord[]): Promise<void> {
  const journal = await openJournal(path, header);
  for (const each of records) await journal.append(each);
  await journal.close();
}

describe('openJournal', () => {
  it('begins with the header and gives records back, the latest of a path counting', async () => {
    await write(record('a.png'), record('b.png'), record('a.png', 'later'));
    const journal = await openJournal(path, header);
    expect([...journal.records.values()]).toEqual([record('a.png', 'later'), record('b.png')]);
    await journal.close();
    expect(JSON.parse((await readFile(path, 'utf8')).split('\n')[0] ?? '')).toEqual(header);
  });

  it('takes nothing more when its file was deleted, or replaced by another', async () => {
    const journal = await openJournal(path, header);
    await journal.append(record('a.png'));
    await rm(path);
    await expect(journal.append(record('b.png'))).rejects.toMatchObject({ code: 'job-inconsistent' });
    await writeFile(path, 'of somebody else');
    await expect(journal.complete(1)).rejects.toMatchObject({ code: 'job-inconsistent' });
    expect(await readFile(path, 'utf8')).toBe('of somebody else');
    await journal.close();
  });

  it('survives being cut off before, at and after every line end, losing at most the last record', async () => {
    await write(record('a.png'), record('b.png'));
    const bytes = await readFile(path);
    const first = bytes.indexOf('\n') + 1;
    const second = bytes.indexOf('\n', first) + 1;
    const edges = [0, first, second, bytes.length].flatMap((edge) => [edge - 1, edge, edge + 1]);
    const lengths = [...edges, 17, first + 40, second + 40].filter(
      (length) => length >= 0 && length <= bytes.length,
    );
    for (const length of lengths) {
      await writeFile(path, bytes.subarray(0, length));
      const journal = await openJournal(path, header);
      expect(journal.records.size).toBe(length < second ? 0 : length < bytes.length ? 1 : 2);
      await journal.append(record('c.png'));
      await journal.close();
      expect((await readJournal(path))?.records.at(-1)).toEqual(record('c.png'));
    }
  });

  it('refuses a damaged line in the middle instead of guessing', async () => {
    await write(record('a.png'), record('b.png'));
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace('a.png', 'a".png'));
    await expect(openJournal(path, header)).rejects.toThrow('line 2 of the journal cannot be read');
  });

  it("refuses another job's journal", async () => {
    await write();
    const { header: other } = await settleHeader(join(folder, 'other.json'), { seed: 2 }, new Date(1e12));
    await expect(openJournal(path, other)).rejects.toThrow('belongs to another job');
  });
});

describe('readJournal', () => {
  it('knows whether the shard was gone through', async () => {
    await write(record('a.png'));
    expect((await readJournal(path))?.total).toBeNull();
    const journal = await openJournal(path, header);
    await journal.complete(1);
    await journal.close();
    expect((await readJournal(path))?.total).toBe(1);
  });

  it('leaves a half line where it is', async () => {
    await write(record('a.png'));
    await appendFile(path, '{"state":"no-');
    const before = await readFile(path, 'utf8');
    expect((await readJournal(path))?.records).toHaveLength(1);
    expect(await readFile(path, 'utf8')).toBe(before);
  });

  it('says nothing about a journal that is not there or has no whole header yet', async () => {
    expect(await readJournal(path)).toBeNull();
    await write();
    await truncate(path, 20);
    expect(await readJournal(path)).toBeNull();
  });
});

describe('settleHeader', () => {
  const file = () => join(folder, 'job.json');

  it('keeps the first time and job of equal settings, in any order of their names', async () => {
    await settleHeader(join(folder, 'x.json'), { a: 1, b: { c: 2, d: 3 } }, new Date(1e12));
    const again = await settleHeader(join(folder, 'x.json'), { b: { d: 3, c: 2 }, a: 1 }, new Date(2e12));
    expect(again.resumed).toBe(true);
    expect(again.header.created).toBe('2001-09-09T01:46:40.000Z');
  });

  it('names the settings that differ', async () => {
    const attempt = settleHeader(file(), { seed: 2, more: null }, new Date(1e12));
    await expect(attempt).rejects.toThrow('other settings: seed 1 then, 2 now; more unset then, null now');
  });

  it('lets exactly one of several processes win', async () => {
    const path = join(folder, 'race.json');
    const all = await Promise.all(
      [1, 2, 3, 4].map((n) => settleHeader(path, { seed: 1 }, new Date(n * 1e12))),
    );
    expect(new Set(all.map(({ header: { created } }) => created)).size).toBe(1);
    expect(all.filter(({ resumed }) => !resumed)).toHaveLength(1);
  });

  it('refuses a file that is no header', async () => {
    await writeFile(file(), '{"format":"something else"}');
    await expect(settleHeader(file(), { seed: 1 }, new Date())).rejects.toThrow(
      'not the header of a MedLocker job',
    );
  });
});
