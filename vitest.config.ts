import { defineConfig } from 'vitest/config'

/** Nothing in them can be left behind for the next file: no io, no state. Their files share a process, which saves starting one for each. */
const pure = '{margin,reputation,volatility,liquidation}'

/** They end what they start, replace nothing global and keep nothing in modules, so that their files share a process as well. */
const light = ['packages/{api,chain,sdk}/src/**/*.test.ts', 'models/*/src/**/*.test.ts', 'apps/cli/src/**/*.test.ts']

export default defineConfig({
  test: {
    retry: 0,
    // Twice the cores of a small machine: most acceptance specs wait for blocks and clocks more than half of their time.
    maxWorkers: 4,
    // Against a hang, and no measure of anything: a machine that does much else takes several times as long.
    testTimeout: 90_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'pure',
          include: [`packages/${pure}/src/**/*.test.ts`],
          exclude: ['**/node_modules/**', '**/dist/**'],
          isolate: false,
          benchmark: { include: [`packages/${pure}/src/**/*.bench.ts`] },
        },
      },
      {
        extends: true,
        test: {
          name: 'light',
          include: light,
          exclude: ['**/node_modules/**', '**/dist/**'],
          isolate: false,
          benchmark: { include: [] },
        },
      },
      {
        extends: true,
        test: {
          name: 'house',
          include: ['{packages,services,models,apps,examples}/*/{src,spec,test}/**/*.{test,spec}.{ts,tsx}', 'scripts/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**', '**/out/**', `packages/${pure}/**`, ...light],
          benchmark: {
            include: ['{packages,services,models,apps}/*/src/**/*.bench.ts'],
            exclude: ['**/node_modules/**', `packages/${pure}/**`],
          },
        },
      },
    ],
  },
})
