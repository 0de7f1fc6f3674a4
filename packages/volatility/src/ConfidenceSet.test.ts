import { describe, expect, test } from 'vitest'
import { Bootstrap, ConfidenceSet, Random } from './index.ts'

const statistics = ['max', 'range'] as const
const noisy = (random: Random.Random, length: number, mean: number): number[] => Array.from({ length }, () => mean + random.normal())

describe('of', () => {
  test.each(statistics)('property: of two models %s is the bootstrap test of their difference, block by block', (statistic) => {
    const random = Random.of(2)
    const [a, b] = [noisy(random, 23, 0), noisy(random, 23, 0.4)]
    const verdicts = ConfidenceSet.of({ random: Random.of(3), losses: { a, b }, statistic, block: 5, draws: 500 })

    const again = Random.of(3)
    const d = a.map((value, t) => value - (b[t] ?? 0))
    const mean = d.reduce((sum, value) => sum + value, 0) / 23
    const gaps = Array.from({ length: 500 }, () => {
      const starts = Bootstrap.starts({ random: again, length: 23, block: 5 })
      const drawn = Array.from({ length: 23 }, (_, t) => d[((starts[Math.floor(t / 5)] ?? 0) + (t % 5)) % 23] ?? 0)
      return drawn.reduce((sum, value) => sum + value, 0) / 23 - mean
    })
    // Of two, T_max is |t| too: one of them is above the mean of both by as much as the other is below.
    const p = gaps.filter((gap) => Math.abs(gap) >= Math.abs(mean)).length / 500
    expect(verdicts).toEqual([
      { model: mean > 0 ? 'a' : 'b', pValue: p },
      { model: mean > 0 ? 'b' : 'a', pValue: 1 },
    ])
    expect(p).toBeGreaterThan(0)
  })
  test.each(statistics)('property: of three models %s is what eq. (12) says, worked out resample by resample', (statistic) => {
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const random = Random.of(seed)
      const series = [0, 0.1, 0.3].map((mean) => noisy(random, 17, mean))
      const verdicts = ConfidenceSet.of({
        random: Random.of(seed),
        losses: Object.fromEntries(series.entries()),
        statistic,
        block: 4,
        draws: 300,
      })

      const again = Random.of(seed)
      const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
      const resamples = Array.from({ length: 300 }, () => {
        const starts = Bootstrap.starts({ random: again, length: 17, block: 4 })
        const days = Array.from({ length: 17 }, (_, t) => ((starts[Math.floor(t / 4)] ?? 0) + (t % 4)) % 17)
        return series.map((values) => mean(days.map((t) => values[t] ?? 0)))
      })
      const pairs = [0, 1, 2].flatMap((i) => [0, 1, 2].filter((j) => j !== i).map((j) => ({ i, j })))
      const contrasts = (means: readonly number[]): number[] =>
        statistic === 'max' ? means.map((each) => each - mean(means)) : pairs.map(({ i, j }) => (means[i] ?? 0) - (means[j] ?? 0))
      const seen = contrasts(series.map(mean))
      const drawn = resamples.map((means) => contrasts(means).map((contrast, k) => contrast - (seen[k] ?? 0)))
      const errors = seen.map((_, k) => Math.sqrt(mean(drawn.map((each) => (each[k] ?? 0) ** 2))))
      const greatest = (each: readonly number[]): number => Math.max(...each.map((contrast, k) => contrast / (errors[k] ?? 0)))
      const value = greatest(seen)
      const worst = seen.findIndex((contrast, k) => contrast / (errors[k] ?? 0) === value)
      expect(verdicts[0]).toEqual({
        model: `${statistic === 'max' ? worst : pairs[worst]?.i}`,
        pValue: drawn.filter((each) => greatest(each) >= value).length / 300,
      })
    }
  })
  test.each(statistics)('property: %s keeps every equally good model nine times in ten, and throws out the clearly worse', (statistic) => {
    const random = Random.of(5)
    let [kept, thrown] = [0, 0]
    for (let i = 0; i < 150; i++) {
      const losses = { a: noisy(random, 120, 0), b: noisy(random, 120, 0), c: noisy(random, 120, 0), worse: noisy(random, 120, 1) }
      const members = ConfidenceSet.members(ConfidenceSet.of({ random, losses, statistic, block: 2, draws: 200 }), 900_000)
      if (['a', 'b', 'c'].every((model) => members.includes(model))) kept += 1
      if (!members.includes('worse')) thrown += 1
    }
    // Standard error 0.024.
    expect(kept / 150).toBeGreaterThan(0.82)
    expect(thrown).toBe(150)
  })
  test.each(statistics)('property: %s: p-values never fall on the way, the last is 1, every model leaves once', (statistic) => {
    const random = Random.of(6)
    const losses = Object.fromEntries([3, 0, 1, 2].map((k) => [`m${k}`, noisy(random, 200, k / 4)]))
    const verdicts = ConfidenceSet.of({ random, losses, statistic, block: 3, draws: 300 })
    expect(verdicts.map(({ model }) => model)).toEqual(['m3', 'm2', 'm1', 'm0'])
    verdicts.forEach(({ pValue }, k) => {
      expect(pValue).toBeGreaterThanOrEqual(verdicts[k - 1]?.pValue ?? 0)
    })
    expect(verdicts.at(-1)?.pValue).toBe(1)
  })
  test.each(statistics)('dimension: %s: losses × k and + c change nothing', (statistic) => {
    const random = Random.of(7)
    const losses = { a: noisy(random, 60, 0), b: noisy(random, 60, 0.1), c: noisy(random, 60, 0.3) }
    const other = Object.fromEntries(Object.entries(losses).map(([model, values]) => [model, values.map((value) => 8 * value + 2)]))
    const of = (each: Readonly<Record<string, number[]>>) =>
      ConfidenceSet.of({ random: Random.of(8), losses: each, statistic, block: 3, draws: 200 })
    expect(of(other)).toEqual(of(losses))
  })
  test.each(statistics)('edge: %s: models that are the same are never told apart; one worse by a constant always', (statistic) => {
    const values = noisy(Random.of(9), 50, 0)
    const same = ConfidenceSet.of({ random: Random.of(1), losses: { a: values, b: values, c: values }, statistic, block: 1, draws: 100 })
    expect(same).toEqual(['a', 'b', 'c'].map((model) => ({ model, pValue: 1 })))
    const worse = ConfidenceSet.of({
      random: Random.of(1),
      losses: { a: values, b: values.map((value) => value + 1) },
      statistic,
      block: 1,
      draws: 100,
    })
    expect(worse[0]).toEqual({ model: 'b', pValue: 0 })
  })
  test('edge: a model alone is the best', () => {
    expect(ConfidenceSet.of({ random: Random.of(1), losses: { only: [1, 2] }, statistic: 'max', block: 1, draws: 100 })).toEqual([
      { model: 'only', pValue: 1 },
    ])
  })
  test('error: none, unequal, not finite, too few draws, a block too long', () => {
    const invalid = expect.objectContaining({ name: 'ConfidenceSet.InvalidLossesError', code: 'CONFIDENCE_SET_INVALID' })
    const of =
      (losses: Record<string, number[]>, draws = 100, block = 1) =>
      () =>
        ConfidenceSet.of({ random: Random.of(1), losses, statistic: 'max', block, draws })
    expect(of({})).toThrow(invalid)
    expect(of({ a: [] })).toThrow(invalid)
    expect(of({ a: [1, 2], b: [1] })).toThrow(invalid)
    expect(of({ a: [1, Number.NaN] })).toThrow(invalid)
    expect(of({ a: [1, 2] }, 99)).toThrow(invalid)
    expect(of({ a: [1, 2] }, 100.5)).toThrow(invalid)
    expect(of({ a: [1, 2] }, 100, 3)).toThrow(expect.objectContaining({ code: 'BOOTSTRAP_BLOCK_INVALID' }))
  })
})

describe('members', () => {
  test('edge: a p-value of exactly one in ten is in', () => {
    const verdicts = [
      { model: 'a', pValue: 0.0999999 },
      { model: 'b', pValue: 0.1 },
    ]
    expect(ConfidenceSet.members(verdicts, 900_000)).toEqual(['b'])
    expect(ConfidenceSet.members(verdicts, 950_000)).toEqual(['a', 'b'])
  })
})
