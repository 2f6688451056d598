import { visibleText } from '../../../shared/visible-text.ts';

/** A piece of HTML that is safe to put into a page. Only `html` and `trusted` make one. */
export interface Markup {
  readonly markup: string;
}

/** Indentation of the source has no meaning in a page; long tables would carry it a thousand times. */
const indentation = /\n\s+/g;

type Value = string | number | Markup | readonly Value[] | null;

/**
 * Template tag that escapes whatever is not markup already: `html`<td>${fileName}</td>``. Use it inside elements and inside
 * double-quoted attributes. Arrays are joined, null is nothing.
 */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  const [first, ...rest] = parts.map((part) => part.replace(indentation, '\n'));
  return { markup: rest.reduce((text, part, index) => text + toText(values[index]) + part, first) };
}

/** Text of this program's own, such as its style sheet, that must not be escaped. Never for anything from outside. */
export function trusted(markup: string): Markup {
  return { markup };
}

function toText(value: Value): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return escape(value);
  return 'markup' in value ? value.markup : value.map(toText).join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escape(text: string): string {
  return visibleText(text).replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
