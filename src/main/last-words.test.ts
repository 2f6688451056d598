import { describe, expect, it } from 'vitest';
import { heard, lastLines } from './last-words.ts';

describe('lastLines', () => {
  it('keeps the newest twenty lines, without empty ones', () => {
    const words = Array.from({ length: 30 }, (_, index) => `line ${index}\n\n`).join('');
    const lines = lastLines(words);
    expect(lines).toHaveLength(20);
    expect(lines[0]).toBe('line 10');
    expect(lines.at(-1)).toBe('line 29');
  });

  it('leaves no name of a patient', () => {
    const [line] = lastLines('Error: cannot read /data/Patients/miller/left.png\n');
    expect(line).toContain('cannot read');
    expect(line).not.toContain('miller');
    expect(line).not.toContain('left');
  });
});

describe('heard', () => {
  it('adds up while it is short', () => {
    expect(heard('ab', 'c\n')).toBe('abc\n');
  });

  it('drops the oldest whole lines', () => {
    const path = `${'x'.repeat(40)}/miller/left.png\n`;
    const words = heard(path.repeat(300), 'end\n');
    expect(words.length).toBeLessThanOrEqual(8000);
    expect(words.startsWith(path)).toBe(true);
    expect(words.endsWith('end\n')).toBe(true);
  });
});
