/**
 * A limit beside what any answer from a document costs at least, and its search beside plain bisection over 128 bits.
 * Fixed inputs, and 256 mixed ones of seed 42. Compare the minima; not a claim about a gateway, which has IO to do.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as Bound from './Bound.ts'
import * as Damper from './Damper.ts'
import * as Inputs from './Inputs.ts'
import * as Limit from './Limit.ts'
import * as Requirement from './Requirement.ts'
import * as Arbitrary from './testing/arbitrary.ts'
import * as Worked from './testing/worked.ts'

const { inputs } = Worked
const text = Inputs.canonical(inputs)
const lots = inputs.view.lots.flatMap((lot, i) =>
  Array.from({ length: 50 }, (_, j) => ({ ...lot, lotId: `0x${(i * 50 + j).toString(16).padStart(64, '0')}` as const })),
)
const wide: Inputs.Inputs = { ...inputs, view: { lots, missing: [] } }
const mixed = fc.sample(Arbitrary.inputs, { numRuns: 256, seed: 42 })

const terms = Requirement.of(inputs, Damper.apply(null, inputs.forecast, inputs.asOf, inputs.params))
const rate = (notional: bigint) => Requirement.worst(terms, notional, 'bounds')
const equity = 12_000n * 10n ** 18n

function plain(): bigint {
  let [low, high] = [0n, Bound.greatest]
  while (low < high) {
    const middle = (low + high + 1n) >> 1n
    if (Requirement.value(rate(middle), middle) <= equity) low = middle
    else high = middle - 1n
  }
  return low
}

let sink = 0n

test('one limit', async ({ bench }) => {
  await bench.compare(
    bench('baseline: JSON.parse of the document', () => {
      sink += BigInt(JSON.parse(text).asOf)
    }),
    bench('Inputs.parse', () => {
      sink += BigInt(Inputs.parse(text).asOf)
    }),
    bench('Inputs.canonical', () => {
      sink += BigInt(Inputs.canonical(inputs).length)
    }),
    bench('Limit.of, 2 lots', () => {
      sink += Limit.of(inputs).notional
    }),
    bench('Limit.of, 100 lots', () => {
      sink += Limit.of(wide).notional
    }),
    bench('Limit.of, 256 mixed documents', () => {
      for (const each of mixed) sink += Limit.of(each).notional
    }),
  )
  expect(sink).toBeGreaterThan(0n)
})

test('one search', async ({ bench }) => {
  expect(Requirement.capacity(rate, equity, Bound.greatest)).toBe(plain())
  await bench.compare(
    bench('baseline: plain bisection over 128 bits', () => {
      sink += plain()
    }),
    bench('Requirement.capacity', () => {
      sink += Requirement.capacity(rate, equity, Bound.greatest)
    }),
  )
  expect(sink).toBeGreaterThan(0n)
})
