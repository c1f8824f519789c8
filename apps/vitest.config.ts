import { defineConfig } from 'vitest/config'

// Logic without a page: what a browser shows is for browser-tests/.
export default defineConfig({
  test: { environment: 'node', isolate: false, include: ['*/src/**/*.test.ts'] },
})
