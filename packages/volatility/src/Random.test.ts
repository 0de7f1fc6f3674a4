import { describe, expect, test } from 'vitest'
import { Random } from './index.ts'

describe('of', () => {
  test('vector: the first numbers of seed 7 do not change', () => {
    const random = Random.of(7)
    expect([random.uniform(), random.uniform(), random.normal()]).toMatchInlineSnapshot(`
      [
        0.3648865945870057,
        0.9316804482368752,
        0.21158236301733024,
      ]
    `)
  })
  test('seed and label decide, and nothing else', () => {
    const draw = (seed: number, label: string): number => Random.of(seed, label).uniform()
    expect(draw(7, 'a')).toBe(draw(7, 'a'))
    expect(new Set([draw(7, 'a'), draw(8, 'a'), draw(7, 'b'), draw(7, ''), draw(7 + 2 ** 32, 'a')]).size).toBe(5)
  })
  test('edge: seed 0 is a seed', () => {
    expect(Random.of(0).uniform()).not.toBe(Random.of(1).uniform())
  })
  test('uniform: inside (0, 1), mean ½, variance 1/12', () => {
    const random = Random.of(1)
    const draws = Array.from({ length: 50_000 }, random.uniform)
    expect(Math.min(...draws.slice(0, 10_000))).toBeGreaterThan(0)
    expect(Math.max(...draws.slice(0, 10_000))).toBeLessThan(1)
    const mean = draws.reduce((sum, x) => sum + x, 0) / draws.length
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.005)
    expect(Math.abs(draws.reduce((sum, x) => sum + (x - mean) ** 2, 0) / draws.length - 1 / 12)).toBeLessThan(0.002)
  })
  test('normal: mean 0, variance 1, kurtosis 3', () => {
    const random = Random.of(2)
    const draws = Array.from({ length: 50_000 }, random.normal)
    const moment = (k: number): number => draws.reduce((sum, x) => sum + x ** k, 0) / draws.length
    expect(Math.abs(moment(1))).toBeLessThan(0.02)
    expect(Math.abs(moment(2) - 1)).toBeLessThan(0.03)
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.2)
  })
  test('permutation: every number once, every place likely', () => {
    const random = Random.of(3)
    expect([...random.permutation(100)].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i))
    const places = [0, 0, 0]
    for (let i = 0; i < 6_000; i++) places[random.permutation(3).indexOf(0)] = (places[random.permutation(3).indexOf(0)] ?? 0) + 1
    for (const count of places) expect(Math.abs(count - 2_000)).toBeLessThan(400)
  })
  test.each([-1, 0.5, Number.NaN, 2 ** 53])('error: seed %s', (seed) => {
    expect(() => Random.of(seed)).toThrow(expect.objectContaining({ name: 'Random.InvalidSeedError', code: 'SEED_INVALID' }))
  })
})
