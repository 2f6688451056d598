import js from '@eslint/js';
import importX, { createNodeResolver } from 'eslint-plugin-import-x';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import tseslint from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

/** Imports go one way: shared ◄ ml ◄ engine ◄ {cli, main}; preload and renderer import shared only. */
const mayImport = {
  shared: [],
  ml: ['shared'],
  engine: ['shared', 'ml'],
  cli: ['shared', 'ml', 'engine'],
  main: ['shared', 'ml', 'engine'],
  preload: ['shared'],
  renderer: ['shared'],
};

const layers = Object.keys(mayImport);

const importDirection = layers.map((layer) => ({
  target: `./src/${layer}`,
  from: './src',
  except: [layer, ...mayImport[layer]].map((allowed) => `./${allowed}`),
  message: `src/${layer} may import only ${['itself', ...mayImport[layer]].join(', ')} (docs/architecture.md).`,
}));

const nothingOutside = {
  target: './src/**/!(*.test).ts',
  from: './',
  except: ['./src', './node_modules', './package.json'],
  message: 'src imports neither tests, benchmarks nor scripts.',
};

const processWideState = ['exit', 'chdir', 'on', 'once', 'exitCode', 'title', 'umask'].map((property) => ({
  object: 'process',
  property,
  message: 'src/ml changes nothing for the whole process; the engine or the command line does.',
}));

export default tseslint.config(
  {
    ignores: [
      'node_modules/',
      'dist/',
      'packages/',
      'coverage/',
      '.cache/',
      'demo-output/',
      'bench-output/',
      'test/gates/planted/',
      'src/renderer/paraglide/',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error', noInlineConfig: true } },
  js.configs.recommended,
  { languageOptions: { globals: globals.node } },

  {
    files: ['**/*.ts', '**/*.svelte'],
    extends: [...tseslint.configs.strictTypeChecked],
    plugins: { 'import-x': importX },
    settings: {
      'import-x/extensions': ['.ts'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
      'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.js', '.mjs', '.json'] })],
    },
    languageOptions: {
      parserOptions: {
        projectService: true,
        extraFileExtensions: ['.svelte'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      'import-x/no-restricted-paths': [
        'error',
        { basePath: import.meta.dirname, zones: [...importDirection, nothingOutside] },
      ],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-misused-spread': ['error', { allow: ['string'] }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // Numbers in messages are the rule here, not a mistake.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      // A class with a private constructor and named ways to make it is not "only static".
      '@typescript-eslint/no-extraneous-class': [
        'error',
        { allowWithDecorator: true, allowStaticOnly: false },
      ],
      // The compiler takes every index for valid (noUncheckedIndexedAccess would drown pixel loops), so a guard against
      // `undefined` is right where this rule calls it unnecessary.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/unified-signatures': 'off',
      // An interface asks for a promise; an implementation without an await still has to be async to reject, not throw.
      '@typescript-eslint/require-await': 'off',
      // Node's types call isTTY a boolean; without a terminal it is undefined.
      '@typescript-eslint/no-unnecessary-boolean-literal-compare': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_$' }],
      // Functions taken out of an interface are the style here, and no function of ours uses `this` of a plain object.
      '@typescript-eslint/unbound-method': 'off',
      // The ONNX schema's enums are numbers on the wire.
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      '@typescript-eslint/no-unsafe-enum-comparison': 'off',
      // Control characters are exactly what some checks refuse.
      'no-control-regex': 'off',
      'no-console': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'max-lines': ['error', { max: 500 }],
    },
  },

  ...svelte.configs.recommended.map((config) => ({
    ...config,
    files: config.files ?? ['src/renderer/**/*.svelte', 'src/renderer/**/*.svelte.ts'],
  })),
  {
    files: ['src/renderer/**/*.svelte', 'src/renderer/**/*.svelte.ts'],
    languageOptions: {
      globals: globals.browser,
      parserOptions: {
        parser: tseslint.parser,
        projectService: true,
        extraFileExtensions: ['.svelte'],
        tsconfigRootDir: import.meta.dirname,
        svelteConfig,
      },
    },
    rules: {
      // svelte-check sees the types of a component's parts; the linter only guesses them.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      // `let { a } = $props()` and `$state` are reassigned by the compiler's code, not by ours.
      'prefer-const': 'off',
    },
  },
  { files: ['src/renderer/**/*.ts'], languageOptions: { globals: globals.browser } },

  {
    files: ['src/shared/**/*.ts'],
    ignores: ['src/shared/**/*.test.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { regex: '^(?!zod$|\\.)', message: 'src/shared imports zod only: the window uses it too.' },
          ],
        },
      ],
    },
  },
  {
    files: ['src/ml/**/*.ts'],
    // Programs that src/ml starts as a process of their own.
    ignores: ['src/ml/**/*-process.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: ['electron', 'commander'],
          patterns: [{ regex: '^(node:)?(cluster|readline)', message: 'src/ml only computes.' }],
        },
      ],
      'no-restricted-properties': ['error', ...processWideState],
    },
  },
  {
    // A damaged model can crash the native runtime: it is tried in a process of its own, which ends itself.
    files: ['src/ml/onnx/probe.ts', 'src/ml/onnx/probe-process.ts'],
    rules: { 'no-restricted-imports': 'off', 'no-restricted-properties': 'off' },
  },
  {
    files: ['src/preload/**/*.ts', 'src/renderer/**/*.ts', 'src/renderer/**/*.svelte'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '^node:', message: 'No Node in the window.' }] },
      ],
    },
  },
  { files: ['src/cli/**/*.ts', 'bench/**/*.ts', 'scripts/**/*.ts'], rules: { 'no-console': 'off' } },
  {
    files: ['**/*.test.ts', 'test/**/*.ts'],
    rules: {
      // Tests hand over broken values on purpose.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
);
