import { z } from 'zod';

/** Sorts of things a setting can name by id; in the process of the run each has become a path. */
export const chosenFormats = ['folder-handle', 'file-handle', 'grader', 'job'] as const;
export type ChosenFormat = (typeof chosenFormats)[number];

/** A field that is chosen rather than typed: a folder, a file, a grader (path of its model), a job (path of its entry). */
export function chosen(format: ChosenFormat, title: string, description: string) {
  return z.string().min(1).max(4096).meta({ format, title, description });
}

/** The same, and it may be left empty. */
export function chosenOrNone(format: ChosenFormat, title: string, description: string) {
  return chosen(format, title, description).nullable().default(null).meta({ title, description });
}
