import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { languages } from '../../src/shared/contract/app.ts';

const messages = Object.fromEntries(languages.map((language) => [language, read(language)]));
const english = messages['en'] ?? {};

describe.each(languages.filter((language) => language !== 'en'))('the messages in %s', (language) => {
  const translated = messages[language] ?? {};

  it('are there for every English one, and for no other', () => {
    expect(Object.keys(translated).sort()).toEqual(Object.keys(english).sort());
  });

  it('have the same places for figures and names', () => {
    const places = (texts: Record<string, string>) =>
      Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, placesOf(text)]));
    expect(places(translated)).toEqual(places(english));
  });
});

it.each(languages)('no message in %s is empty', (language) => {
  const empty = Object.entries(messages[language] ?? {}).filter(([, text]) => text.trim() === '');
  expect(empty).toEqual([]);
});

it('tells places apart from the text around them', () => {
  expect(placesOf('{total} of {finished}, {total}')).toEqual(['finished', 'total', 'total']);
});

function placesOf(text: string): string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].flatMap(([, name]) => name ?? []).sort();
}

function read(language: string): Record<string, string> {
  const file = new URL(`../../messages/${language}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
}
