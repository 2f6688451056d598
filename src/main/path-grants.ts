import { randomBytes } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { z } from 'zod';
import { writeAtomically } from '../engine/jobs/atomic-write.ts';
import type { PathHandle } from '../shared/contract/handles.ts';

const mostRecent = 12;

/** The paths a person has shown to the program, by opaque id. The page gets ids; only main and the engine know the paths. */
export class PathGrants {
  readonly #paths = new Map<string, string>();
  readonly #ids = new Map<string, string>();
  readonly #file: string;
  readonly #tell: (grant: { id: string; path: string }) => void;
  #recent: string[];

  private constructor(file: string, recent: string[], tell: (grant: { id: string; path: string }) => void) {
    this.#file = file;
    this.#recent = recent;
    this.#tell = tell;
  }

  static async open(file: string, tell: (grant: { id: string; path: string }) => void): Promise<PathGrants> {
    const text = await readFile(file, 'utf8').catch(() => '[]');
    const parsed = z.array(z.string()).safeParse(parseJson(text));
    return new PathGrants(file, parsed.success ? parsed.data : [], tell);
  }

  /** Makes a handle for a path that a dialog or a drop has given; a path that is not there yet is taken as `assumed`. */
  async grant(path: string, assumed: 'file' | 'folder' = 'file'): Promise<PathHandle> {
    const absolute = resolve(path);
    const found = await stat(absolute).catch(() => null);
    const kind = found === null ? assumed : found.isDirectory() ? 'folder' : 'file';
    let id = this.#ids.get(absolute);
    if (id === undefined) {
      id = randomBytes(16).toString('hex');
      this.#ids.set(absolute, id);
      this.#paths.set(id, absolute);
    }
    this.#tell({ id, path: absolute });
    return { id, kind, name: basename(absolute), shown: absolute };
  }

  pathOf(id: string): string | undefined {
    return this.#paths.get(id);
  }

  /** Tells a new engine everything. */
  all(): { id: string; path: string }[] {
    return [...this.#paths].map(([id, path]) => ({ id, path }));
  }

  async remember(path: string): Promise<void> {
    this.#recent = [path, ...this.#recent.filter((other) => other !== path)].slice(0, mostRecent);
    await this.#save();
  }

  async recent(): Promise<PathHandle[]> {
    const handles: PathHandle[] = [];
    for (const path of this.#recent) {
      if ((await stat(path).catch(() => null))?.isDirectory() === true)
        handles.push(await this.grant(path, 'folder'));
    }
    return handles;
  }

  async forgetRecent(): Promise<void> {
    this.#recent = [];
    await this.#save();
  }

  async #save(): Promise<void> {
    await writeAtomically(this.#file, `${JSON.stringify(this.#recent)}\n`, 'recent', 0o600);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
