import react from '@vitejs/plugin-react';
import { type Plugin, runnerImport } from 'vite';
import { defineConfig } from 'vitest/config';

/** Where the APIs are while the console is served by Vite. */
const server = process.env['CANTER_URL'] ?? 'http://127.0.0.1:4566';

/** `virtual:theme.css`: the rules of src/app/theme.ts. */
function theme(): Plugin {
  const id = '\0virtual:theme.css';
  return {
    name: 'canter-theme',
    resolveId: (wanted) => (wanted === 'virtual:theme.css' ? id : null),
    async load(wanted) {
      if (wanted !== id) {
        return null;
      }
      const { module } = await runnerImport<{ rules: () => string }>('./scripts/theme.ts', {
        configFile: false,
        resolve: { noExternal: /cloudscape/ },
        environments: { inline: { resolve: { noExternal: /cloudscape/ } } },
      });
      return module.rules();
    },
  };
}

/** Leaves Cloudscape's web font out: it is large, and the system's fonts read well. */
function withoutFonts(): Plugin {
  return {
    name: 'canter-without-fonts',
    enforce: 'pre',
    transform: (code, id) =>
      id.includes('global-styles') && id.endsWith('.css') ? code.replace(/@font-face\s*\{[^}]*\}/g, '') : null,
  };
}

export default defineConfig(({ command }) => ({
  // Relative to the document's <base>, which the server sets.
  base: command === 'serve' ? '/console/' : './',
  plugins: [react(), theme(), withoutFonts()],
  build: {
    outDir: 'node_modules/.canter/dist',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1600,
    modulePreload: { polyfill: false },
    license: true,
    manifest: true,
  },
  server: {
    proxy: { '^/(?!console/)': { target: server } },
  },
  test: { environment: 'node', include: ['src/**/*.test.{ts,tsx}'] },
}));
