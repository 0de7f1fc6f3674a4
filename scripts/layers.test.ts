import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import * as Layers from './Layers.ts'
import * as Source from './Source.ts'
import * as Stage from './testing/Stage.ts'
import { files, isTool, packages, root } from './Workspace.ts'

const typescript = ['.ts', '.tsx', '.mjs']
const sources = ['packages', 'services', 'models', 'apps', 'examples', 'scripts'].flatMap((folder) => files(root, folder, typescript))
const text = (file: string) => readFileSync(join(root, file), 'utf8')
const shown = (file: string, findings: readonly Source.Finding[]) => findings.map((each) => `${file}:${each.line} ${each.text}`)

describe('the house', () => {
  test('no package imports what its layer may not', () => {
    expect(Layers.breaches(root).map((breach) => `${breach.file}:${breach.line} ${breach.message}`)).toEqual([])
  })

  test('no note to self and no switched-off check in a comment', () => {
    expect(sources.flatMap((file) => shown(file, Source.leftovers(file, text(file))))).toEqual([])
    const others = ['packages', 'apps', 'services'].flatMap((folder) => files(root, folder, ['.sol', '.css', '.html', '.sql']))
    expect(others.filter((file) => /\b(TODO|FIXME|XXX)\b/.test(text(file)))).toEqual([])
  })

  test('no test is left out by a modifier', () => {
    const tests = sources.filter((file) => isTool(file) && /\.(test|spec|bench|test-d)\.tsx?$/.test(file))
    expect(tests.length).toBeGreaterThan(5)
    expect(tests.flatMap((file) => shown(file, Source.testModifiers(file, text(file))))).toEqual([])
  })

  test('no path is taken from a URL without decoding it, or a space in it would break', () => {
    expect(sources.filter((file) => /import\.meta\.url\)\.pathname/.test(text(file)))).toEqual([])
  })

  test('every package says what it is and declares the test runner', () => {
    const poor = packages(root).flatMap(({ folder, manifest }) => [
      ...((manifest.description ?? '').length < 15 ? [`${folder}: no description`] : []),
      ...(manifest.devDependencies?.vitest === undefined ? [`${folder}: no vitest`] : []),
    ])
    expect(poor).toEqual([])
  })
})

describe('staged breaches', () => {
  let stage: Stage.Stage
  beforeEach(() => {
    stage = Stage.open()
  })
  afterEach(() => stage.remove())

  const breaches = () => Layers.breaches(stage.folder).map((breach) => breach.message)
  const boundaries = () => stage.run('turbo', ['boundaries'])
  const lint = (file: string) => stage.run('biome', ['lint', file])

  test('a house without a breach passes every check', () => {
    expect(breaches()).toEqual([])
    expect(boundaries()).toMatchObject({ ok: true })
    expect(lint('.')).toMatchObject({ ok: true })
  })

  test('a leaf imports viem', () => {
    stage.write('packages/margin/src/index.ts', "import { parseEther } from 'viem'\n\nexport const one = parseEther('1')\n")
    expect(breaches()).toEqual(['@plimsoll/margin may not import viem'])
    expect(boundaries()).toMatchObject({ ok: false, output: expect.stringContaining('cannot import package `viem`') })
  })

  test('a leaf imports viem and declares it, which turbo lets pass', () => {
    stage.write('packages/margin/src/index.ts', "import { parseEther } from 'viem'\n\nexport const one = parseEther('1')\n")
    stage.declare('packages/margin', 'viem')
    expect(breaches()).toEqual(['@plimsoll/margin may not depend on viem', '@plimsoll/margin may not import viem'])
  })

  test('a leaf imports another leaf', () => {
    stage.write('packages/reputation/src/index.ts', "export { staged } from '@plimsoll/margin'\n")
    stage.declare('packages/reputation', '@plimsoll/margin')
    expect(breaches()).toEqual(['@plimsoll/reputation may not import @plimsoll/margin'])
    expect(boundaries()).toMatchObject({ ok: false, output: expect.stringContaining('`@plimsoll/margin`') })
  })

  test.each([
    ['margin', 'Date.now()', 'Date'],
    ['reputation', 'performance.now()', 'performance'],
    ['volatility', 'process.hrtime()', 'process'],
    ['liquidation', 'new Date()', 'Date'],
  ])('a pure package reads the clock: %s, %s', (name, clock, denied) => {
    const file = `packages/${name}/src/index.ts`
    stage.write(file, `export const now = ${clock}\n`)
    expect(breaches()).toEqual([`@plimsoll/${name} is pure and may not use ${denied}`])
    expect(lint(file)).toMatchObject({ ok: false, output: expect.stringContaining('noRestrictedGlobals') })
  })

  test('a test of a leaf may read the clock', () => {
    const file = 'packages/margin/src/Clock.test.ts'
    stage.write(file, 'export const now = Date.now()\n')
    expect(breaches()).toEqual([])
    expect(lint(file)).toMatchObject({ ok: true })
  })

  test.each(['Math.random()', "Math['random']()", 'globalThis.foo', 'crypto.randomUUID()', 'setTimeout(() => {}, 1)'])(
    'a leaf is not deterministic: %s',
    (use) => {
      stage.write('packages/volatility/src/index.ts', `export const value = ${use}\n`)
      expect(breaches()).toHaveLength(1)
    },
  )

  test('a leaf reads a file', () => {
    const file = 'packages/margin/src/index.ts'
    stage.write(file, "import { readFileSync } from 'node:fs'\n\nexport const text = readFileSync('x', 'utf8')\n")
    expect(breaches()).toEqual(['@plimsoll/margin is pure and may not import node:fs'])
    expect(lint(file)).toMatchObject({ ok: false, output: expect.stringContaining('noNodejsModules') })
  })

  test('sdk imports chain', () => {
    stage.write('packages/sdk/src/index.ts', "export { staged } from '@plimsoll/chain'\n")
    expect(breaches()).toEqual(['@plimsoll/sdk may not import @plimsoll/chain'])
    expect(boundaries()).toMatchObject({ ok: false, output: expect.stringContaining('cannot import package `@plimsoll/chain`') })
    stage.declare('packages/sdk', '@plimsoll/chain')
    expect(boundaries()).toMatchObject({ ok: false, output: expect.stringContaining('`@plimsoll/chain` found without any tag') })
  })

  test('sdk imports more than types from api', () => {
    stage.write('packages/sdk/src/index.ts', "import type { Router } from '@plimsoll/api'\n\nexport type Client = Router\n")
    expect(breaches()).toEqual([])
    stage.write('packages/sdk/src/index.ts', "export { staged } from '@plimsoll/api'\n")
    expect(breaches()).toEqual(['@plimsoll/sdk may import types from @plimsoll/api, and nothing else'])
  })

  test('an import cycle', () => {
    stage.write('packages/margin/src/Lot.ts', "import { credit } from './Credit.ts'\n\nexport const lot = () => credit()\n")
    stage.write('packages/margin/src/Credit.ts', "import { haircut } from './Haircut.ts'\n\nexport const credit = () => haircut()\n")
    stage.write('packages/margin/src/Haircut.ts', "import { lot } from './Lot.ts'\n\nexport const haircut = (): unknown => lot()\n")
    expect(breaches()).toEqual([
      'import cycle: packages/margin/src/Credit.ts → packages/margin/src/Haircut.ts → packages/margin/src/Lot.ts → packages/margin/src/Credit.ts',
    ])
    expect(lint('packages/margin')).toMatchObject({ ok: false, output: expect.stringContaining('noImportCycles') })
  })

  test('a cycle of types alone is none', () => {
    stage.write(
      'packages/margin/src/Lot.ts',
      "import type { Credit } from './Credit.ts'\n\nexport type Lot = { readonly credit: Credit | null }\n",
    )
    stage.write('packages/margin/src/Credit.ts', "import type { Lot } from './Lot.ts'\n\nexport type Credit = { readonly lot: Lot }\n")
    expect(breaches()).toEqual([])
  })

  test('a cycle between packages', () => {
    stage.declare('packages/contracts', '@plimsoll/localnet')
    expect(boundaries()).toMatchObject({ ok: false, output: expect.stringContaining('Circular package dependency') })
  })

  test('web imports the store, a service another service, the command line a service', () => {
    stage.write('apps/web/src/index.ts', "export { staged } from '@plimsoll/store'\n")
    stage.write('services/gateway/src/index.ts', "export { staged } from '@plimsoll/forecaster'\n")
    stage.write('apps/cli/src/index.ts', "export { staged } from '@plimsoll/gateway'\n")
    expect(breaches()).toEqual([
      '@plimsoll/cli may not import @plimsoll/gateway',
      '@plimsoll/web may not import @plimsoll/store',
      '@plimsoll/gateway may not import @plimsoll/forecaster',
    ])
    stage.declare('apps/web', '@plimsoll/store')
    stage.declare('services/gateway', '@plimsoll/forecaster')
    stage.declare('apps/cli', '@plimsoll/gateway')
    const { output } = boundaries()
    for (const name of ['store', 'forecaster', 'gateway']) expect(output).toContain(`\`@plimsoll/${name}\``)
  })

  test('web trains a network', () => {
    stage.write('apps/web/src/index.ts', "export * from '@tensorflow/tfjs'\n")
    expect(breaches()).toEqual(['@plimsoll/web may not import @tensorflow/tfjs'])
  })

  test('a source reaches for a test kit, a test may', () => {
    stage.write('packages/chain/src/index.ts', "export { staged } from '@plimsoll/localnet'\n")
    stage.write('packages/chain/src/View.test.ts', "export { staged } from '@plimsoll/localnet'\n")
    expect(breaches()).toEqual(['@plimsoll/chain may import @plimsoll/localnet in tests only'])
  })

  test('what ships needs a dependency, what only a build tool reads does not', () => {
    stage.write('packages/store/src/Schema.ts', "export { sql } from 'undeclared'\n")
    expect(breaches()).toEqual([])
    stage.write('packages/store/src/index.ts', "export * from './Query.ts'\n")
    stage.write('packages/store/src/Query.ts', "export * from './Schema.ts'\n")
    expect(breaches()).toEqual(['undeclared is not a dependency of @plimsoll/store'])
  })

  test('a file of another package by its path', () => {
    stage.write('packages/chain/src/index.ts', "export { staged } from '../../margin/src/index.ts'\n")
    expect(breaches()).toEqual(['../../margin/src/index.ts leaves the package: import it by its name'])
    expect(boundaries()).toMatchObject({ ok: false, output: expect.stringContaining('leaves the package') })
  })

  test('a package without a rule', () => {
    stage.write('packages/helpers/package.json', '{ "name": "@plimsoll/helpers" }\n')
    expect(breaches()).toEqual(['@plimsoll/helpers has no rule: add it to scripts/Layers.ts and ARCHITECTURE.md'])
  })
})
