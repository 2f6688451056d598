import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

// A test file is a process of its own: native libraries (libtensorflow, ONNX Runtime, libvips) are not unloaded,
// and two of them keep thread pools, so more than two files at once only makes each slower.
export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    // Generous on purpose: no test measures time, and a loaded machine must not turn a slow test red.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 20_000,
    // Native libraries print to stdout; a passing test's words are of no use.
    silent: 'passed-only',
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'bench/**/*.test.ts', 'scripts/**/*.test.ts'],
          exclude: ['src/renderer/**'],
        },
      },
      {
        extends: true,
        // The page's state classes: `$state` in foo.svelte.ts needs Svelte's compiler.
        plugins: [svelte()],
        resolve: { conditions: ['browser'] },
        test: { name: 'page', include: ['src/renderer/**/*.test.ts'] },
      },
      {
        extends: true,
        test: { name: 'whole', include: ['test/**/*.test.ts'], testTimeout: 600_000, hookTimeout: 600_000 },
      },
    ],
  },
});
