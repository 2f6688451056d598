// A check that never fails proves nothing: each is shown one planted mistake, through the very commands of `npm test`.
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runStaticCheck, staticChecks } from '../../scripts/checks/static-checks.mjs';

const root = join(import.meta.dirname, '..', '..');
const configuration = [
  'tsconfig.json',
  'eslint.config.js',
  'svelte.config.js',
  '.prettierrc.json',
  '.prettierignore',
  'knip.json',
  'src/renderer/tsconfig.json',
];
const packageJson = { name: 'planted', type: 'module', devDependencies: { typescript: '*' } };

/** A small project without mistakes, under this project's rules. */
const sound = {
  'package.json': `${JSON.stringify(packageJson, null, 2)}\n`,
  'src/shared/word.ts': `export const word = 'retina';\n`,
  'src/ml/length.ts': `import { word } from '../shared/word.ts';\n\nexport const length = word.length;\n`,
  'src/renderer/main.ts': `import Page from './Page.svelte';\n\nexport const page = Page;\n`,
  'src/renderer/Page.svelte': `<script lang="ts">\n  let { name }: { name: string } = $props();\n</script>\n\n<p>{name}</p>\n`,
  'src/cli/main.ts': `import { length } from '../ml/length.ts';\n\nconsole.log(length);\n`,
};

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'medlocker-gates-'));
  for (const name of configuration) await cp(join(root, name), join(folder, name));
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  await write(sound);
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe.each(staticChecks)('$name', (check) => {
  it('passes on a project without mistakes', async () => {
    expect(await runStaticCheck(check, place())).toMatchObject({ passed: true });
  });
});

describe('types (tsc)', () => {
  it('finds a type error', async () => {
    await expectFailure('types', { 'src/ml/wrong.ts': `export const size: number = 'large';\n` }, [
      'src/ml/wrong.ts(1,14)',
      'TS2322',
    ]);
  });

  it('finds an unused local, which strict types alone allow', async () => {
    await expectFailure('types', { 'src/ml/wrong.ts': `export function f() {\n  const a = 1;\n}\n` }, [
      'TS6133',
    ]);
  });
});

describe('types of the page (svelte-check)', () => {
  it('finds a type error in a component', async () => {
    const wrong = `<script lang="ts">\n  const size: number = 'large';\n</script>\n\n<p>{size}</p>\n`;
    await expectFailure('types of the page', { 'src/renderer/Wrong.svelte': wrong }, ['Wrong.svelte']);
  });
});

describe('lint (eslint)', () => {
  const rules: [name: string, rule: string, files: Record<string, string>][] = [
    [
      'an import against the direction: shared from ml',
      'import-x/no-restricted-paths',
      {
        'src/shared/wrong.ts': `import { length } from '../ml/length.ts';\n\nexport const double = 2 * length;\n`,
      },
    ],
    [
      'an import against the direction: ml from the command line',
      'import-x/no-restricted-paths',
      { 'src/ml/wrong.ts': `import '../cli/main.ts';\n` },
    ],
    [
      'an import of a test from the program',
      'import-x/no-restricted-paths',
      { 'src/ml/wrong.ts': `import '../../test/planted.ts';\n`, 'test/planted.ts': `export {};\n` },
    ],
    [
      'a package other than zod in shared',
      'no-restricted-imports',
      { 'src/shared/wrong.ts': `import { join } from 'node:path';\n\nexport const path = join('a', 'b');\n` },
    ],
    [
      'a cycle of imports',
      'import-x/no-cycle',
      {
        'src/ml/wrong.ts': `import { b } from './other.ts';\n\nexport const a = (): number => b();\n`,
        'src/ml/other.ts': `import { a } from './wrong.ts';\n\nexport const b = (): number => a();\n`,
      },
    ],
    [
      'any',
      '@typescript-eslint/no-explicit-any',
      { 'src/ml/wrong.ts': `export const a = (x: any): unknown => x;\n` },
    ],
    [
      'a non-null assertion',
      '@typescript-eslint/no-non-null-assertion',
      { 'src/ml/wrong.ts': `export const first = (list: number[]): number => list[0]!;\n` },
    ],
    [
      'a promise that nobody waits for',
      '@typescript-eslint/no-floating-promises',
      { 'src/ml/wrong.ts': `export function a(work: () => Promise<void>): void {\n  work();\n}\n` },
    ],
    ['console outside the command line', 'no-console', { 'src/ml/wrong.ts': `console.log('here');\n` }],
    [
      'a rule switched off by a comment',
      'no-console',
      { 'src/ml/wrong.ts': `console.log('here'); // eslint-disable-line no-console\n` },
    ],
    [
      'process-wide state in ml',
      'no-restricted-properties',
      { 'src/ml/wrong.ts': `process.exitCode = 1;\n` },
    ],
  ];

  it.each(rules)('finds %s', async (_, rule, files) => {
    await expectFailure('lint', files, ['wrong.ts', rule]);
  });
});

describe('format (prettier)', () => {
  it('finds a file that is formatted otherwise', async () => {
    await expectFailure('format', { 'src/ml/wrong.ts': `export const a = "double quotes"\n` }, [
      'src/ml/wrong.ts',
    ]);
  });
});

describe('unused code (knip)', () => {
  it('finds an export that nothing uses', async () => {
    const longer = `${sound['src/shared/word.ts']}export const unusedWord = 'macula';\n`;
    await expectFailure('unused', { 'src/shared/word.ts': longer }, ['unusedWord']);
  });

  it('finds a file that nothing imports', async () => {
    await expectFailure('unused', { 'src/ml/wrong.ts': `export const a = 1;\n` }, ['src/ml/wrong.ts']);
  });
});

/** Plants the files, expects the check to fail with these words, and takes the files away again. */
async function expectFailure(name: string, files: Record<string, string>, words: string[]): Promise<void> {
  const check = staticChecks.find((candidate) => candidate.name.startsWith(name));
  if (check === undefined) throw new Error(`no check ${name}`);
  await write(files);
  try {
    const result = await runStaticCheck(check, place());
    expect(result.passed).toBe(false);
    for (const word of words) expect(result.output).toContain(word);
  } finally {
    for (const path of Object.keys(files)) await rm(join(folder, path), { force: true });
    await write(sound);
  }
}

function place(): { node: string; env: NodeJS.ProcessEnv; folder: string } {
  return { node: process.execPath, env: process.env, folder };
}

async function write(files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}
