import { z } from 'zod';
import { engineStateSchema, windowSettingsSchema } from './app.ts';
import { checkingProgressSchema } from './certificates.ts';
import { pathHandleSchema } from './handles.ts';
import { jobItemSchema, jobSchema } from './jobs.ts';
import { runSchema } from './lab.ts';
import { screens } from './screens.ts';

/** Everything the window is told without asking. */
export const events = {
  /** The whole state of a job, at most a few times a second. */
  'jobs.changed': jobSchema,
  /** An image of a job is through. */
  'jobs.item': z.strictObject({ job: z.string(), index: z.int().min(0), item: jobItemSchema }),
  'lab.changed': runSchema,
  /** A verification or restoration goes on; at most a few times a second. */
  'certificates.progress': checkingProgressSchema,
  'engine.changed': engineStateSchema,
  'settings.changed': windowSettingsSchema,
  /** Something for the person that is no answer to a request. */
  'app.notice': z.strictObject({ message: z.string(), hint: z.string().nullable() }),
  /** A command of the menu or a global key. */
  'app.command': z.enum(['open-folder', ...screens]),
  /** A folder or file given to the program at its start. */
  'paths.opened': pathHandleSchema,
} as const;

export type EventName = keyof typeof events;
export type EventPayload<E extends EventName> = z.infer<(typeof events)[E]>;

export function isEventName(name: unknown): name is EventName {
  return typeof name === 'string' && Object.hasOwn(events, name);
}
