import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{packages,services,models,apps,examples}/*/{src,spec,test}/**/*.{test,spec}.{ts,tsx}', 'scripts/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', '**/out/**'],
    retry: 0,
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
