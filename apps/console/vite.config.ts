import { compressed } from '@threefactor/shared/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** Engine of `npm run dev`; the variable ENGINE_URL names another one. */
const ENGINE = process.env.ENGINE_URL ?? 'http://127.0.0.1:8080'

/** The engine serves the page at /console and below, and the assets at /console/assets. */
export default defineConfig({
  base: '/console/',
  plugins: [react(), compressed()],
  build: {
    target: 'es2023',
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // The editor of the API page, which is loaded only there.
    chunkSizeWarningLimit: 6000,
  },
  worker: { format: 'es' },
  server: {
    port: 5175,
    strictPort: true,
    proxy: { '^/(v1|v2|v1alpha1|healthz)': { target: ENGINE, ws: true } },
  },
})
