import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'electron-vite';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// Listed here and not left to a plugin's hook: Vite 8 may drop what a hook says, and native modules would be bundled.
const outside = ['electron', /^node:/, 'sharp', /^@img\//, /^@tensorflow\//, 'onnxruntime-node'];

/** Main and preload are bundled, the page is built; the engine is not: Node 24 runs its TypeScript as it is. */
export default defineConfig({
  main: {
    build: {
      outDir: at('dist/main'),
      externalizeDeps: false,
      minify: false,
      rolldownOptions: {
        external: outside,
        input: { index: at('src/main/index.ts') },
        output: { format: 'es', entryFileNames: '[name].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: at('dist/preload'),
      minify: true,
      externalizeDeps: false,
      rolldownOptions: {
        external: ['electron'],
        input: { bridge: at('src/preload/bridge.ts') },
        // A sandboxed preload can be neither ESM nor more than one file.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: at('src/renderer'),
    plugins: [svelte({ configFile: at('svelte.config.js') })],
    build: {
      outDir: at('dist/renderer'),
      minify: true,
      // The content security policy allows no data: scripts and no inline styles; fonts and icons stay files.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rolldownOptions: { input: at('src/renderer/index.html') },
    },
  },
});
