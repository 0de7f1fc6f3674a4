import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { anyInDeclarations } from './Emitted.ts'
import * as Source from './Source.ts'

describe('imports', () => {
  test('worked example: every way to import, and whether only types of it are left', () => {
    const text = [
      "import type { A } from 'a'",
      "import { type B } from 'b'",
      "import { type C, d } from 'c'",
      "import 'e'",
      "export * from 'f'",
      "export type { G } from 'g'",
      "type H = import('h').H",
      "const i = await import('i')",
      "// import 'j'",
      'const k = "import \'k\'"',
    ].join('\n')
    expect(
      Source.imports('x.ts', text).map(({ specifier, typeOnly, line }) => `${line} ${specifier} ${typeOnly ? 'type' : 'value'}`),
    ).toEqual(['1 a type', '2 b type', '3 c value', '4 e value', '5 f value', '6 g type', '7 h type', '8 i value'])
  })

  test('error: a file that is no TypeScript', () => {
    expect(() => Source.imports('x.ts', 'const = 1')).toThrow(Source.SyntaxFaultError)
  })
})

describe('hostUses', () => {
  test('edge: names that only look like the host', () => {
    const text = 'export type Row = { Date: string; process: number }\nexport const at = (row: Row) => row.Date + Math.max(1, row.process)'
    expect(Source.hostUses('x.ts', text)).toEqual([])
  })

  test('edge: the host behind an alias', () => {
    const names = (text: string) => Source.hostUses('x.ts', text).map((use) => use.text)
    expect(names('const { random } = Math')).toEqual(['Math.random'])
    expect(names("const f = Math['ran' + 'dom']")).toEqual(['Math[…]'])
    expect(names('const here = import.meta.url')).toEqual(['import.meta'])
    expect(names('const clock = { Date }')).toEqual(['Date'])
    expect(names('const now = (Date as { now(): number }).now()')).toEqual(['Date'])
  })
})

// The words are put together here so that this file does not contain what it looks for.
const [only, skip, todo] = ['on', 'sk', 'to'].map((word, index) => word + ['ly', 'ip', 'do'][index])

describe('testModifiers', () => {
  test.each([
    `describe.${only}('x', () => {})`,
    `test.${skip}('x')`,
    `it.${todo}('x')`,
    `test.concurrent.${only}('x')`,
    `test.each([1]).${skip}('x')`,
    `test['${only}']('x')`,
    `test('x', { ${skip}: true }, () => {})`,
    `test('x', (context) => context.${skip}())`,
  ])('found: %s', (text) => {
    expect(Source.testModifiers('x.test.ts', text)).toHaveLength(1)
  })

  test.each(["describe.skipIf(true)('x (needs Chromium)')", "describe.runIf(true)('x')", "test('only a title')"])(
    'let pass: %s',
    (text) => {
      expect(Source.testModifiers('x.test.ts', text)).toEqual([])
    },
  )
})

describe('leftovers', () => {
  test('worked example: in comments, not in text', () => {
    const mark = `${'TO'}${'DO'}`
    expect(Source.leftovers('x.ts', `const a = '${mark}'\n// ${mark}: later\n/* biome${'-'}ignore lint: x */`)).toEqual([
      { line: 2, text: mark },
      { line: 3, text: `biome${'-'}ignore` },
    ])
  })
})

describe('anyInDeclarations', () => {
  const folder = mkdtempSync(join(os.tmpdir(), 'plimsoll emitted '))
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  test('worked example: the type counts, the word, tests and leftovers of removed sources do not', () => {
    const declaration = '/** any */\nexport type anything = { any: string }\nexport declare const open: any\n'
    for (const [file, content] of [
      ['src/Open.ts', ''],
      ['src/Open.test.ts', ''],
      ['dist/Open.d.ts', declaration],
      ['dist/Open.test.d.ts', declaration],
      ['dist/Gone.d.ts', declaration],
    ] as const) {
      mkdirSync(dirname(join(folder, 'packages/one', file)), { recursive: true })
      writeFileSync(join(folder, 'packages/one', file), content)
    }
    expect(anyInDeclarations(folder)).toEqual({ files: 1, findings: ['packages/one/dist/Open.d.ts:3: export declare const open: any'] })
  })
})
