import { access, readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { Failure } from '../../../shared/failure.ts';
import { writeAtomically } from '../../jobs/atomic-write.ts';
import { bundledGraders } from '../../workflows/list-graders.ts';
import { graderFile } from '../../workflows/open-graders.ts';
import { inTurn } from '../in-turn.ts';

export type GraderSource = 'bundled' | 'imported' | 'trained';

export interface KnownGrader {
  /** `bundled:demo-resnet.onnx` or `own:<SHA-256 of the model>`. */
  readonly id: string;
  readonly source: GraderSource;
  readonly name: string;
  /** Path of the .onnx or model.json. */
  readonly file: string;
}

const entrySchema = z.strictObject({
  id: z.string(),
  source: z.enum(['imported', 'trained']),
  file: z.string(),
});

type Entry = z.infer<typeof entrySchema>;

/** The graders a person can choose: those that come with the program, and own files, which stay where they are. */
export class GraderBook {
  readonly #file: string;
  readonly #inTurn = inTurn();
  #own: Entry[];

  private constructor(file: string, own: Entry[]) {
    this.#file = file;
    this.#own = own;
  }

  /** A list that cannot be read starts anew: the model files themselves are elsewhere. */
  static async open(file: string): Promise<GraderBook> {
    const text = await readFile(file, 'utf8').catch(() => '[]');
    return new GraderBook(file, entriesOf(text));
  }

  async list(): Promise<KnownGrader[]> {
    const names = (await readdir(bundledGraders).catch((): string[] => [])).sort();
    const bundled = names.filter((name) => name.endsWith('.onnx')).map((name) => bundledGrader(name));
    return [...bundled, ...this.#own.map((entry) => ({ ...entry, name: nameOf(entry.file) }))];
  }

  /** @param sha256 of the model: the same model chosen again replaces its entry */
  async add(source: 'imported' | 'trained', path: string, sha256: string): Promise<KnownGrader> {
    const entry = { id: `own:${sha256}`, source, file: await graderFile(path) };
    await this.#change((own) => [...own.filter(({ id }) => id !== entry.id), entry]);
    return { ...entry, name: nameOf(entry.file) };
  }

  /** @throws Failure usage for a bundled or unknown one */
  async remove(id: string): Promise<void> {
    if (!this.#own.some((entry) => entry.id === id)) {
      throw new Failure('usage', 'only imported graders can be removed from the list');
    }
    await this.#change((own) => own.filter((entry) => entry.id !== id));
  }

  /** @throws Failure model-unreadable for an unknown id or a file that is gone */
  async find(id: string): Promise<KnownGrader> {
    const found = (await this.list()).find((grader) => grader.id === id);
    const gone = new Failure('model-unreadable', `the grader ${found?.name ?? id} is not there any more`, {
      subject: found?.file ?? id,
      hint: 'Import it again.',
    });
    if (found === undefined) throw gone;
    await access(found.file).catch(() => Promise.reject(gone));
    return found;
  }

  async fileOf(id: string): Promise<string> {
    return (await this.find(id)).file;
  }

  /** One change after the other: of two at once, neither is lost. */
  #change(changed: (own: readonly Entry[]) => Entry[]): Promise<void> {
    return this.#inTurn(async () => {
      const own = changed(this.#own);
      await writeAtomically(this.#file, `${JSON.stringify(own, null, 2)}\n`, 'graders', 0o600);
      this.#own = own;
    });
  }
}

function entriesOf(text: string): Entry[] {
  try {
    return z.array(entrySchema).parse(JSON.parse(text));
  } catch {
    return [];
  }
}

function bundledGrader(name: string): KnownGrader {
  return { id: `bundled:${name}`, source: 'bundled', name: nameOf(name), file: join(bundledGraders, name) };
}

function nameOf(file: string): string {
  return basename(file) === 'model.json' ? basename(dirname(file)) : basename(file).replace(/\.onnx$/i, '');
}
