import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import * as Examples from './Examples.ts'
import { packages, root } from './Workspace.ts'

/** Packages of formulas: there every capability has an example that runs. */
const withFormulas = ['packages/margin', 'packages/reputation', 'packages/volatility', 'packages/liquidation']

const folders = packages(root)
  .map((each) => each.folder)
  .filter((folder) => folder.startsWith('packages/') && existsSync(join(root, folder, 'src/index.ts')))

describe.each(folders)('%s', (folder) => {
  const examples = Examples.collect(root, folder)

  test('its examples say what the code does', async () => {
    const scope: Record<string, unknown> = await import(pathToFileURL(join(root, folder, 'src/index.ts')).href)
    if (withFormulas.includes(folder) && Object.keys(scope).length > 0)
      expect(examples.length, `${folder} has no @example with a // =>`).toBeGreaterThan(0)
    const wrong: unknown[] = []
    for (const example of examples) {
      const at = `${example.file}:${example.line}`
      const claims = await Examples.run({ example, scope }).catch((thrown: unknown) => wrong.push({ at, thrown }))
      if (typeof claims === 'number') continue
      for (const { code, found, expected, holds } of claims) if (!holds) wrong.push({ at, code, found, expected })
    }
    expect(wrong).toEqual([])
  })
})

describe('the runner', () => {
  const scope = { Fixed: { one: 10n ** 18n, half: (value: bigint) => value / 2n }, size: 3 }
  const block = (...rows: string[]) =>
    ['/**', ' * Halves a value.', ' *', ...rows.map((row) => ` * ${row}`), ' */', 'export const x = 1'].join('\n')
  const judge = async (...rows: string[]) => {
    const [example] = Examples.ofText('Fixed.ts', block(...rows))
    if (!example) throw new Error('no example')
    return (await Examples.run({ example, scope })).map((claim) => claim.holds)
  }

  test('worked example: statements, several claims, bigint, types, the index in scope', async () => {
    expect(
      await judge(
        '@example',
        'const value: bigint = 4n * Fixed.one',
        'Fixed.half(value)',
        '// => 2000000000000000000n',
        'const list = [Fixed.half(BigInt(size + 1))] as const',
        'list // => [2n]',
        '({ value, deep: { list } })',
        '// => { value: 4n * Fixed.one,',
        '//      deep: { list: [2n] } }',
        '@returns half',
      ),
    ).toEqual([true, true, true])
  })

  test('edge: a wrong value does not hold, nor does one of another type', async () => {
    expect(await judge('@example', 'Fixed.half(4n)', '// => 3n')).toEqual([false])
    expect(await judge('@example', 'Fixed.half(4n)', '// => 2')).toEqual([false])
    expect(await judge('@example', '({ a: undefined })', '// => {}')).toEqual([false])
  })

  test('edge: fences, a promise, an example without a claim', async () => {
    expect(await judge('@example', '```ts', 'await Promise.resolve(size)', '// => 3', '```')).toEqual([true])
    expect(Examples.ofText('Fixed.ts', block('@example', 'Fixed.half(4n)'))).toMatchObject([{ claims: 0, line: 4, code: 'Fixed.half(4n)' }])
  })

  test('error: a claim without an expression, a claim that is no value, code that throws', async () => {
    await expect(judge('@example', 'const a = 1', '// => 1')).rejects.toThrow(Examples.UnclaimedError)
    await expect(judge('@example', 'size', '// => 3', '// => 3')).rejects.toThrow(Examples.UnclaimedError)
    await expect(judge('@example', 'size', '// => three apples')).rejects.toThrow(SyntaxError)
    await expect(judge('@example', 'Fixed.third(1n)', '// => 0n')).rejects.toThrow(TypeError)
  })
})
