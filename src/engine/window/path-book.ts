import { randomBytes } from 'node:crypto';
import { basename, resolve } from 'node:path';
import type { PathHandle } from '../../shared/contract/handles.ts';
import { Failure } from '../../shared/failure.ts';

/**
 * Paths by opaque id, both those a person has shown to the program (granted by main) and those the engine has made. The page names ids
 * only, so it can reach nothing that neither a person nor the engine has given it.
 */
export class PathBook {
  readonly #paths = new Map<string, string>();
  readonly #ids = new Map<string, string>();

  /** Takes over an id that main has made. */
  grant(id: string, path: string): void {
    this.#paths.set(id, path);
    this.#ids.set(path, id);
  }

  /** A handle for a path of the engine's own: a job's output, an exported file. The same path keeps its id. */
  handle(path: string, kind: PathHandle['kind']): PathHandle {
    const absolute = resolve(path);
    let id = this.#ids.get(absolute);
    if (id === undefined) {
      id = randomBytes(16).toString('hex');
      this.grant(id, absolute);
    }
    return { id, kind, name: basename(absolute), shown: absolute };
  }

  /** @throws Failure `usage` for an id nobody has given */
  pathOf(id: string): string {
    const path = this.find(id);
    if (path !== null) return path;
    throw new Failure('usage', 'the file or folder is not known any more', { hint: 'Choose it again.' });
  }

  find(id: string): string | null {
    return this.#paths.get(id) ?? null;
  }
}
