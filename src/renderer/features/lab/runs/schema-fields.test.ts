import { expect, test } from 'vitest';
import { entryOf, valueOf, type Entry } from './field-value.ts';
import { fieldsOf, type FormField } from './schema-fields.ts';

const schema = {
  type: 'object',
  properties: {
    source: { type: 'string', format: 'folder-handle', title: 'Images' },
    graders: { type: 'array', minItems: 1, items: { type: 'string', format: 'grader' } },
    pipelines: { type: 'array', items: { type: 'string' }, default: ['direct', 'jpeg:75'] },
    rate: { type: 'number', exclusiveMinimum: 0, maximum: 10, default: 0.001 },
    limit: { anyOf: [{ type: 'integer', minimum: 1 }, { type: 'null' }], default: null },
    name: { type: 'string', pattern: '^[a-z]+$', default: 'grader' },
    loss: { type: 'string', enum: ['focal', 'ordinal'], default: 'ordinal' },
    exact: { type: 'boolean', default: true },
    weights: { type: 'object', default: { a: 1 } },
  },
  required: ['source', 'graders'],
};
const fields = fieldsOf(schema);
const field = (name: string): FormField => {
  const found = fields.find((one) => one.name === name);
  if (found === undefined) throw new Error(name);
  return found;
};
const sent = (name: string, entry: Entry) => valueOf(field(name), entry);

test('every property becomes a control of its own sort, in the order of the schema', () => {
  expect(fields.map(({ control }) => control.kind)).toEqual([
    'chosen',
    'several',
    'list',
    'number',
    'number',
    'text',
    'choice',
    'flag',
    'json',
  ]);
  expect(field('source').title).toBe('Images');
  expect(field('rate').title).toBe('rate');
});

test('what the form holds at first is what the schema presets', () => {
  const presets = Object.fromEntries(fields.map((one) => [one.name, valueOf(one, entryOf(one)).value]));
  expect(presets).toEqual({
    source: undefined,
    graders: undefined,
    pipelines: ['direct', 'jpeg:75'],
    rate: 0.001,
    limit: null,
    name: 'grader',
    loss: 'ordinal',
    exact: true,
    weights: { a: 1 },
  });
});

test('numbers respect open and closed limits, and a comma is a decimal point', () => {
  expect(sent('rate', '0').problem).toBe('out-of-range');
  expect(sent('rate', '10').value).toBe(10);
  expect(sent('rate', '0,5').value).toBe(0.5);
  expect(sent('rate', 'fast').problem).toBe('not-a-number');
  expect(sent('limit', '2.5').problem).toBe('not-a-number');
  expect(sent('limit', '0').problem).toBe('out-of-range');
});

test('what has to be chosen or fit is missed before it is sent', () => {
  expect(sent('source', '').problem).toBe('missing');
  expect(sent('graders', []).problem).toBe('too-few');
  expect(sent('name', 'Grader 1').problem).toBe('wrong-form');
  expect(sent('weights', '{').problem).toBe('not-json');
  expect(sent('pipelines', ' direct \n\nresize:50%').value).toEqual(['direct', 'resize:50%']);
});
