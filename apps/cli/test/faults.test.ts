/** The fault table: a few rows really injected, all rows listed, and a row that fails is told as one. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import * as Row from '../src/faults/Row.ts'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

function faults(args: readonly string[]): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, 'faults', ...args], { maxBuffer: 2 ** 24 }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr })
    })
  })
}

describe('plimsoll faults', () => {
  test('worked example: one that lags, the lying majority, a view torn by a reorg past finality, a price of nothing, a forged signer, a loop of receipts', async () => {
    const ids = ['RPC-6', 'RPC-5', 'REO-4', 'ORA-2', 'CERT-5', 'COL-2', 'TIME-2']
    const { code, stdout } = await faults(['--only', ids.join(','), '--seed', '7', '--json'])
    const document = JSON.parse(stdout) as { readonly pass: number; readonly fail: number; readonly rows: readonly Row.Result[] }
    expect(document.rows.map(({ id, status, seen }) => [id, status === 'PASS' ? status : seen]).sort()).toEqual(
      ids.map((id) => [id, 'PASS']).sort(),
    )
    expect(document).toMatchObject({ pass: ids.length, fail: 0, seed: 7 })
    expect(code).toBe(0)
  }, 300_000)

  test('edge: every row of the families is in the table', async () => {
    const { stdout } = await faults(['--list', '--json'])
    const listed = (JSON.parse(stdout) as readonly { readonly id: string }[]).map(({ id }) => id)
    const upTo = (family: string, last: number, without: readonly number[] = []) =>
      Array.from({ length: last }, (_, index) => index + 1)
        .filter((number) => !without.includes(number))
        .map((number) => `${family}-${number}`)
    const all = [
      ...upTo('RPC', 16),
      ...upTo('REO', 5),
      ...upTo('ORA', 10),
      ...upTo('CERT', 22, [17]),
      ...upTo('COL', 6),
      ...upTo('DB', 9),
      ...upTo('BUS', 5),
      ...upTo('TIME', 2),
    ]
    expect([...listed].sort()).toEqual(all.sort())
  }, 120_000)

  test('error: a row that is not there, a seed that is none', async () => {
    const unknown = await faults(['--only', 'RPC-99'])
    expect(unknown).toMatchObject({ code: 1, stdout: '' })
    expect(unknown.stderr).toContain('UNKNOWN_FAULT')
    expect((await faults(['--seed', 'x'])).stderr).toContain('SEED_INVALID')
  }, 120_000)
})

describe('run', () => {
  const row = (inject: Row.Row['inject']): Row.Row => ({ id: 'X-1', fault: 'f', expected: 'e', inject })

  test('edge: what does not hold fails and says which; what is thrown fails with its code', async () => {
    const broken = await Row.run(
      row(async () => Row.verdict({ seen: 's', evidence: 'e', holds: { one: true, two: false } })),
      1,
    )
    expect(broken).toMatchObject({ status: 'FAIL', seen: 's; not: two' })
    const thrown = await Row.run(
      row(() => Promise.reject(Object.assign(new Error('because'), { code: 'SOME_CODE' }))),
      1,
    )
    expect(thrown).toMatchObject({ status: 'FAIL', seen: 'SOME_CODE', evidence: 'because' })
    for (const inject of [{ elsewhere: 'no program' }, async () => ({ elsewhere: 'no program' })])
      expect(await Row.run(row(inject), 1)).toMatchObject({ status: 'ELSEWHERE', evidence: 'no program' })
  })

  test('edge: the same seed draws the same', async () => {
    const draws = async (value: number) => {
      const drawn: number[] = []
      await Row.run(
        row(async (seed) => {
          drawn.push(...Array.from({ length: 20 }, () => seed.draw(1_000)))
          return { pass: true, seen: '', evidence: '' }
        }),
        value,
      )
      return drawn
    }
    expect(await draws(5)).toEqual(await draws(5))
    expect(await draws(5)).not.toEqual(await draws(6))
    expect(Math.max(...(await draws(5)))).toBeLessThan(1_000)
  })
})
