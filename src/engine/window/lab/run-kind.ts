import type { z } from 'zod';
import type { Tell } from './run-wire.ts';

/** What a run has besides its settings. */
export interface RunSurroundings {
  /** The run's own folder, for whatever it makes: empty, or as an earlier process of the same run left it. */
  readonly folder: string;
  /** Threads it may compute with. */
  readonly threads: number;
  readonly tell: Tell;
  readonly signal: AbortSignal;
}

/**
 * A kind of run that the lab offers. One file a kind, listed in kinds.ts: nothing else has to be told of it, the window draws its form
 * from the schema and its results from what it tells.
 */
export interface RunKind {
  readonly kind: string;
  readonly title: string;
  readonly description: string;
  /**
   * What is asked of the person. A text with the `format` "folder-handle", "file-handle", "grader" or "job" (see fields.ts) is chosen
   * in the window by that sort and is a path when the run gets it.
   */
  readonly settings: z.ZodObject;
  /** Started again with the same settings in the same folder it goes on where it stopped, and tells anew what it told before. */
  readonly resumes: boolean;
  /** Why this machine cannot run it, or null. */
  readonly unavailable: () => Promise<string | null>;
  /**
   * Runs in a process of its own. Aborting the signal makes it reject with the signal's reason.
   *
   * @throws Failure for everything a person can mend
   */
  readonly run: (settings: unknown, surroundings: RunSurroundings) => Promise<void>;
}

/** Ties the type of a kind's settings to its schema: what `run` is given has been parsed by it. */
export function runKind<S extends z.ZodObject>(
  kind: Omit<RunKind, 'settings' | 'run'> & {
    readonly settings: S;
    readonly run: (settings: z.output<S>, surroundings: RunSurroundings) => Promise<void>;
  },
): RunKind {
  return { ...kind, run: (settings, surroundings) => kind.run(kind.settings.parse(settings), surroundings) };
}
