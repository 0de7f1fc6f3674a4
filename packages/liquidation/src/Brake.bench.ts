/**
 * One brake of a book of 1,000 accounts, beside what it must at least do: read the same book's curves once.
 * A lognormal-sized, seeded book, both sides within reach of three σ. Compare the minima; not a claim about any real book.
 */
import { expect, test } from 'vitest'
import { Book, Brake, LiquidationCurve } from './index.ts'
import { isolated, market, usd } from './testing/books.ts'

let state = 42
const random = (): number => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
  return state / 4_294_967_296
}
const book = Book.of(
  Array.from({ length: 1_000 }, (_, i) => {
    const notional = Math.exp(10 + 2 * (random() + random() + random() - 1.5))
    return isolated(`a${i}`, i % 2 ? 'long' : 'short', notional, notional * (0.05 + 0.3 * random()))
  }),
)
const request: Brake.of.Request = {
  book,
  market,
  bookHash: '0x00',
  headroom: { long: usd(1e6), short: usd(1e6) },
  initialPpm: { long: 100_000, short: 100_000 },
  maintenancePpm: { long: 50_000, short: 50_000 },
  impact: { kind: 'linear', slope: 2e-9 },
  sigmaPpm: 800_000,
  horizonSeconds: 86_400,
  ceiling: usd(1e9),
  brakeMaxPpm: 500_000,
}
let sink = 0

test('a book of 1,000 accounts', async ({ bench }) => {
  await bench.compare(
    bench('baseline: both liquidation curves', () => {
      sink += LiquidationCurve.of(book, market, 'long').thresholds.length + LiquidationCurve.of(book, market, 'short').thresholds.length
    }),
    bench('Brake.of', () => {
      sink += Brake.of(request).long.length
    }),
    bench('Book.canonical', () => {
      sink += Book.canonical(book).length
    }),
  )
  expect(sink).toBeGreaterThan(0)
})
