import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Bracket from './Bracket.ts'
import * as Fixed from './Fixed.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)

/** A function that counts how often it was asked. */
function counted(excess: (level: bigint) => bigint) {
  const of = { calls: 0, excess }
  of.excess = (level) => {
    of.calls += 1
    return excess(level)
  }
  return of
}

describe('narrow', () => {
  test('worked example: up and down', () => {
    expect(Bracket.narrow((level) => 100n - 3n * level, { safe: 0n, fallen: 1_000n })).toBe(33n)
    expect(Bracket.narrow((level) => 3n * level - 100n, { safe: 1_000n, fallen: 0n })).toBe(34n)
    expect(Bracket.narrow((level) => level * level - 50n, { safe: -100n, fallen: 0n })).toBe(-8n)
  })

  test('edge: neighbours, and a level that is exactly 0 passes', () => {
    expect(Bracket.narrow((level) => -level, { safe: 0n, fallen: 1n })).toBe(0n)
    expect(Bracket.narrow((level) => 30n - 3n * level, { safe: 0n, fallen: 1_000n })).toBe(10n)
  })

  test('edge: the root is right beside an end, on either side', () => {
    const steep = (root: bigint) => (level: bigint) => (level <= root ? 1n : -(10n ** 60n))
    for (const root of [0n, 1n, 998n, 999n]) expect(Bracket.narrow(steep(root), { safe: 0n, fallen: 1_000n })).toBe(root)
    const mirrored = (root: bigint) => (level: bigint) => (level >= root ? 10n ** 60n : -1n)
    for (const root of [0n, -1n, -998n, -999n]) expect(Bracket.narrow(mirrored(root), { safe: 0n, fallen: -1_000n })).toBe(root)
  })

  test('edge: a line takes a handful of evaluations, however far its ends are apart', () => {
    const line = counted((level) => 10n ** 30n - 7n * level)
    expect(Bracket.narrow(line.excess, { safe: 0n, fallen: 10n ** 60n })).toBe(10n ** 30n / 7n)
    expect(line.calls).toBe(5)
    const mirrored = counted((level) => 10n ** 30n + 7n * level)
    expect(Bracket.narrow(mirrored.excess, { safe: 0n, fallen: -(10n ** 60n) })).toBe(-(10n ** 30n) / 7n)
    expect(mirrored.calls).toBe(5)
  })

  test('edge: a curve and a step take at most two evaluations a bit', () => {
    const cubic = counted((level) => 10n ** 60n - level ** 3n)
    expect(Bracket.narrow(cubic.excess, { safe: 0n, fallen: 1n << 100n })).toBe(10n ** 20n)
    expect(cubic.calls).toBe(90)
    const step = counted((level) => (level < 10n ** 20n ? 1n : -(10n ** 60n)))
    expect(Bracket.narrow(step.excess, { safe: 0n, fallen: 1n << 100n })).toBe(10n ** 20n - 1n)
    expect(step.calls).toBe(200)
  })

  test('property: the answer passes and the next level does not, whatever the function', () => {
    const integer = fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n })
    fc.assert(
      fc.property(integer, integer, fc.bigInt({ min: 1n, max: 5n }), fc.bigInt({ min: 0n, max: 9n }), (safe, root, slope, jitter) => {
        const towards = root > safe ? 1n : -1n
        const excess = (level: bigint) => (root - level) * towards * slope + ((level * level) % (jitter + 1n))
        const fallen = root + towards * 100n * (jitter + 1n)
        const found = Bracket.narrow(excess, { safe, fallen })
        expect(excess(found) >= 0n).toBe(true)
        expect(excess(found + towards) < 0n).toBe(true)
      }),
      { numRuns },
    )
  })
})

describe('peak', () => {
  test('worked example: the top of a bow, at either end, of one level', () => {
    const bow = (level: bigint) => 10n - (level - 7n) * (level - 7n)
    expect(Bracket.peak(bow, { from: -1_000n, to: 1_000n })).toBe(7n)
    expect(Bracket.peak(bow, { from: 9n, to: 1_000n })).toBe(9n)
    expect(Bracket.peak(bow, { from: -1_000n, to: 5n })).toBe(5n)
    expect(Bracket.peak(bow, { from: 3n, to: 3n })).toBe(3n)
    expect(Bracket.peak(() => 1n, { from: 3n, to: 5n })).toBe(3n)
  })

  test('property: nothing between the ends is greater where it rises first and falls then', () => {
    const integer = fc.bigInt({ min: -30n, max: 30n })
    fc.assert(
      fc.property(integer, integer, fc.bigInt({ min: 0n, max: 60n }), fc.bigInt({ min: 1n, max: 5n }), (top, from, width, slope) => {
        const excess = (level: bigint) => (level < top ? (level - top) * slope : top - level)
        const found = Bracket.peak(excess, { from, to: from + width })
        expect(found).toBe(Fixed.max(from, Fixed.min(top, from + width)))
      }),
      { numRuns },
    )
  })
})
