import { defineConfig } from 'vitest/config'

// Unit tests without a browser; see browser-tests/ for the pages.
export default defineConfig({
  test: { environment: 'node', isolate: false, include: ['*/src/**/*.test.ts'] },
})
