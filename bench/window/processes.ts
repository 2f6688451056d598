import { readdir, readFile, readlink } from 'node:fs/promises';

const ticksPerSecond = 100;

/** Milliseconds of processor time a process has used in all its threads, 0 where there is none. Linux only, in steps of 10. */
export async function processorTime(pid: number): Promise<number> {
  const fields = await fieldsOf(pid);
  return ((Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * 1000) / ticksPerSecond;
}

/** The processes a process has started, and theirs. */
export async function descendants(pid: number): Promise<number[]> {
  const parents = new Map<number, number>();
  for (const each of await allPids()) parents.set(each, Number((await fieldsOf(each))[1] ?? 0));
  const found = new Set([pid]);
  for (let size = 0; size < found.size;) {
    size = found.size;
    for (const [child, parent] of parents) if (found.has(parent)) found.add(child);
  }
  found.delete(pid);
  return [...found];
}

/** Whether a part of the command line of a process is this text. */
export async function runs(pid: number, text: string): Promise<boolean> {
  return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).includes(text);
}

/** Process of the engine that an application has started. @throws Error where there is none */
export async function enginePid(main: number): Promise<number> {
  for (const pid of await descendants(main)) if (await runs(pid, 'host.ts')) return pid;
  throw new Error('the engine does not run');
}

/** How many processes of the same program there are that this one has not started. */
export async function othersOf(pid: number): Promise<number> {
  const program = await programOf(pid);
  const own = new Set([pid, ...(await descendants(pid))]);
  let others = 0;
  for (const other of await allPids()) {
    if (!own.has(other) && (await programOf(other)) === program) others++;
  }
  return others;
}

/** Proportional set size in MB: pages shared by n processes count 1/n for each. */
export async function proportionalMegabytes(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) / 1024;
}

function programOf(pid: number): Promise<string> {
  return readlink(`/proc/${pid}/exe`).catch(() => '');
}

async function allPids(): Promise<number[]> {
  return (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
}

/** Fields of /proc/<pid>/stat from the state on: a program's name, before it, may hold anything. */
async function fieldsOf(pid: number): Promise<string[]> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}
