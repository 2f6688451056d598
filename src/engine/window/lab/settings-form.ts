import { z } from 'zod';
import { Failure } from '../../../shared/failure.ts';
import { chosenFormats, type ChosenFormat } from './fields.ts';
import type { RunKind } from './run-kind.ts';

type Json = z.infer<ReturnType<typeof z.json>>;
export type Settings = Record<string, Json>;

/** The form of a kind as JSON Schema (2020-12); what has a default need not be given. */
export function settingsForm(kind: RunKind): Settings {
  return z.record(z.string(), z.json()).parse(z.toJSONSchema(kind.settings, { io: 'input' }));
}

/** Makes a path, and a name for people, of an id that was chosen. @throws Failure for one that is not known any more */
export type Locate = (
  format: ChosenFormat,
  id: string,
) => Promise<{ readonly path: string; readonly name: string }>;

/**
 * Checks what a person filled in and turns chosen ids into paths. `shown` is for people: names where `settings` has paths.
 *
 * @throws Failure settings-invalid naming the first field that is wrong
 */
export async function settingsOf(
  kind: RunKind,
  input: Settings,
  locate: Locate,
): Promise<{ settings: Settings; shown: Settings }> {
  const parsed = kind.settings.safeParse(input);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const field = String(issue?.path[0] ?? 'settings');
    throw new Failure('settings-invalid', `${titleOf(kind, field)}: ${issue?.message ?? 'not usable'}`, {
      subject: field,
      hint: 'Correct this setting and start again.',
    });
  }
  const settings: Settings = {};
  const shown: Settings = {};
  for (const [name, value] of Object.entries(z.record(z.string(), z.json()).parse(parsed.data))) {
    const format = formatOf(kind.settings.shape[name]);
    if (format === null) settings[name] = shown[name] = value;
    else {
      settings[name] = await eachText(value, async (id) => (await locate(format, id)).path);
      shown[name] = await eachText(value, async (id) => (await locate(format, id)).name);
    }
  }
  return { settings, shown };
}

async function eachText(value: Json, change: (text: string) => Promise<string>): Promise<Json> {
  if (typeof value === 'string') return change(value);
  return Array.isArray(value) ? Promise.all(value.map((one) => eachText(one, change))) : value;
}

/** What a field, or each entry of a list, is chosen as; null for one that is typed. */
function formatOf(field: unknown): ChosenFormat | null {
  if (!(field instanceof z.ZodType)) return null;
  const { format } = z.object({ format: z.string().optional() }).parse(field.meta() ?? {});
  const own = chosenFormats.find((one) => one === format);
  if (own !== undefined) return own;
  if (field instanceof z.ZodArray) return formatOf(field.element);
  if (field instanceof z.ZodNullable || field instanceof z.ZodDefault) return formatOf(field.unwrap());
  return null;
}

function titleOf(kind: RunKind, field: string): string {
  const meta: unknown =
    kind.settings.shape[field] instanceof z.ZodType ? kind.settings.shape[field].meta() : {};
  const parsed = z.object({ title: z.string() }).safeParse(meta);
  return parsed.success ? parsed.data.title : field;
}
