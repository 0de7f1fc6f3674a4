import fc from 'fast-check'
import { encodeFunctionResult, erc20Abi } from 'viem'
import { describe, expect, test } from 'vitest'
import type { Hex } from './Hex.ts'
import * as Multicall from './Multicall.ts'
import * as Query from './Query.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const call = (weight?: number): Multicall.Call => ({ target: '0x', data: '0x', ...(weight === undefined ? {} : { weight }) })
const weigh = (calls: readonly Multicall.Call[]) => calls.reduce((sum, { weight = 1 }) => sum + weight, 0)

describe('parts', () => {
  test('worked example: a thousand light calls are one part, one more is another', () => {
    const sizes = (count: number) => Multicall.parts(Array.from({ length: count }, () => call())).map(({ length }) => length)
    expect([sizes(0), sizes(1), sizes(1_000), sizes(1_001), sizes(2_500)]).toEqual([[], [1], [1_000], [1_000, 1], [1_000, 1_000, 500]])
  })

  test('edge: what weighs more than a part is one by itself, and nothing is put beside it', () => {
    const [light, heavy, even] = [call(), call(1_001), call(1_000)]
    expect(Multicall.parts([light, heavy, light, even, light])).toEqual([[light], [heavy], [light], [even], [light]])
    expect(Multicall.parts([call(999), light])).toHaveLength(1)
  })

  test('property: nothing is lost or moved; no part could take the first call of the next', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1_300 }), { maxLength: 40 }), (weights) => {
        const calls = weights.map((weight) => call(weight))
        const parts = Multicall.parts(calls)
        expect(parts.flat()).toEqual(calls)
        for (const [index, part] of parts.entries()) {
          if (part.length > 1) expect(weigh(part)).toBeLessThanOrEqual(Multicall.most)
          const [next] = parts[index + 1] ?? []
          if (next) expect(weigh([...part, next])).toBeGreaterThan(Multicall.most)
        }
      }),
      { numRuns },
    )
  })
})

describe('Query.rows', () => {
  /** Says each row again, as a contract that takes a list would answer: one result a call, in order. */
  const asked: number[][] = []
  const query = (rows: readonly number[], weight: number) =>
    Query.rows({
      ...{ rows, weight },
      of: (some, weight) => {
        asked.push([...some])
        return {
          calls: [{ target: '0x', data: some.map(String).join() as Hex, weight }],
          parse: ([result]) => (result?.data ?? '').split(','),
        }
      },
    })
  const echo = ({ calls }: { readonly calls: readonly Multicall.Call[] }) => calls.map(({ data }) => ({ success: true, data }))

  test('property: cut or not, the same answers in the same order, and no call weighs more than a part', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 99 }), { minLength: 1, maxLength: 60 }), fc.integer({ min: 1, max: 400 }), (rows, weight) => {
        const cut = query(rows, weight)
        expect(cut.parse(echo(cut))).toEqual(rows.map(String))
        expect(cut.calls).toHaveLength(Math.ceil(rows.length / Math.floor(Multicall.most / weight)))
        for (const one of cut.calls) expect(weigh([one])).toBeLessThanOrEqual(Multicall.most)
        expect(weigh(cut.calls)).toBe(rows.length * weight)
      }),
      { numRuns },
    )
  })

  test('edge: no rows are one call, so that a contract that is not there is found', () => {
    asked.length = 0
    expect(query([], 7).calls).toEqual([{ target: '0x', data: '', weight: 1 }])
    expect(asked).toEqual([[]])
  })

  test('edge: a row that weighs more than a part, or nothing at all', () => {
    expect(query([1, 2, 3], 2_000).calls).toHaveLength(3)
    expect(query([1, 2, 3], 0).calls).toHaveLength(1)
  })

  test('edge: a call keeps its weight, and has none where none is given', () => {
    const read = { abi: erc20Abi, target: '0x', functionName: 'totalSupply', args: [] } as const
    expect(Query.call({ ...read, weight: 9 }).calls[0]?.weight).toBe(9)
    expect(Query.call(read).calls[0]).not.toHaveProperty('weight')
    const data = encodeFunctionResult({ abi: erc20Abi, functionName: 'totalSupply', result: 5n })
    expect(Query.call({ ...read, weight: 9 }).parse([{ success: true, data }])).toEqual({ status: 'ok', value: 5n })
  })
})
