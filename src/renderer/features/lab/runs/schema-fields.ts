/** A setting of a run as the form draws it. */
export interface FormField {
  readonly name: string;
  readonly title: string;
  readonly description: string | null;
  readonly required: boolean;
  /** May be left empty, which means null. */
  readonly nullable: boolean;
  readonly control: FormControl;
  /** Prefills; undefined where the schema names none. */
  readonly preset: unknown;
}

export type Chosen = 'folder-handle' | 'file-handle' | 'grader' | 'job';

export type FormControl =
  | { readonly kind: 'text'; readonly pattern: string | null; readonly longest: number | null }
  | { readonly kind: 'number'; readonly whole: boolean; readonly limits: Limits }
  | { readonly kind: 'flag' }
  | { readonly kind: 'choice'; readonly options: readonly string[] }
  | { readonly kind: 'chosen'; readonly what: Chosen }
  | { readonly kind: 'several'; readonly what: Chosen; readonly least: number }
  | { readonly kind: 'list'; readonly least: number }
  /** Nothing the form can draw: typed as JSON. */
  | { readonly kind: 'json' };

export interface Limits {
  readonly least: number | null;
  readonly most: number | null;
  /** The limits themselves are not allowed. */
  readonly openBelow: boolean;
  readonly openAbove: boolean;
}

type Schema = Readonly<Record<string, unknown>>;

/** Fields of a JSON Schema (2020-12) of an object, in its order; whatever it holds, every property becomes a field. */
export function fieldsOf(schema: Schema): FormField[] {
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  return Object.entries(asSchema(schema['properties'])).map(([name, property]) => {
    const outer = asSchema(property);
    const { inner, nullable } = withoutNull(outer);
    return {
      name,
      title: text(outer['title']) ?? text(inner['title']) ?? name,
      description: text(outer['description']) ?? text(inner['description']),
      required: required.includes(name),
      nullable,
      control: controlOf(inner),
      preset: 'default' in outer ? outer['default'] : inner['default'],
    };
  });
}

function controlOf(schema: Schema): FormControl {
  const what = chosenOf(schema);
  if (what !== null) return { kind: 'chosen', what };
  const options = schema['enum'];
  if (Array.isArray(options) && options.every((option) => typeof option === 'string')) {
    return { kind: 'choice', options };
  }
  switch (schema['type']) {
    case 'string':
      return { kind: 'text', pattern: text(schema['pattern']), longest: number(schema['maxLength']) };
    case 'number':
    case 'integer':
      return { kind: 'number', whole: schema['type'] === 'integer', limits: limitsOf(schema) };
    case 'boolean':
      return { kind: 'flag' };
    case 'array':
      return arrayOf(schema);
    default:
      return { kind: 'json' };
  }
}

function arrayOf(schema: Schema): FormControl {
  const items = asSchema(schema['items']);
  const what = chosenOf(items);
  const least = number(schema['minItems']) ?? 0;
  if (what === 'grader') return { kind: 'several', what, least };
  return items['type'] === 'string' && what === null ? { kind: 'list', least } : { kind: 'json' };
}

function chosenOf({ format }: Schema): Chosen | null {
  return format === 'folder-handle' || format === 'file-handle' || format === 'grader' || format === 'job'
    ? format
    : null;
}

function limitsOf(schema: Schema): Limits {
  const [above, below] = [number(schema['exclusiveMinimum']), number(schema['exclusiveMaximum'])];
  return {
    least: above ?? number(schema['minimum']),
    most: below ?? number(schema['maximum']),
    openBelow: above !== null,
    openAbove: below !== null,
  };
}

/** `anyOf` of one schema and null is that schema, allowed to stay empty. */
function withoutNull(schema: Schema): { inner: Schema; nullable: boolean } {
  const any = schema['anyOf'];
  if (!Array.isArray(any)) return { inner: schema, nullable: false };
  const others = any.map(asSchema).filter(({ type }) => type !== 'null');
  const only = others[0];
  if (only === undefined || others.length !== 1) return { inner: {}, nullable: any.length > others.length };
  return { inner: only, nullable: any.length > others.length };
}

function asSchema(value: unknown): Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Schema) : {};
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function number(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
