import { Random } from '@plimsoll/volatility'
import { describe, expect, test } from 'vitest'
import { Backend, Network } from './index.ts'

const shape: Network.Shape = { inputs: 5, hidden: [7, 4], outputs: 3, l2: 1e-4, seed: 11 }
const rows = (count: number): Float32Array[] => {
  const random = Random.of(1)
  return Array.from({ length: count }, () => Float32Array.from({ length: 5 }, random.normal))
}

describe('build', () => {
  test('corrects nothing before training, whatever it is shown', async () => {
    const network = Network.build(await Backend.load('wasm'), shape)
    expect(
      Network.correct(network, rows(20))
        .flat()
        .every((value) => value === 0),
    ).toBe(true)
    Network.dispose(network)
  })
  test('the seed decides the weights', async () => {
    const backend = await Backend.load('wasm')
    const [a, b, c] = [shape, shape, { ...shape, seed: 12 }].map((each) => Network.weights(Network.build(backend, each)))
    expect(a).toEqual(b)
    expect(a).not.toEqual(c)
  })
})

describe('correct', () => {
  test('vector: a forward pass by hand, on WASM and on plain JavaScript, within 1e-5', async () => {
    const random = Random.of(2)
    const sizes = [5 * 7, 7, 7 * 4, 4, 4 * 3, 3]
    const values = sizes.map((size) => Float32Array.from({ length: size }, () => random.normal() / 2))
    const dense = (x: number[], kernel: Float32Array | undefined, bias: Float32Array | undefined, relu: 'relu' | 'linear'): number[] =>
      Array.from(bias ?? [], (b, j) => {
        const sum = x.reduce((total, value, i) => total + value * (kernel?.[i * (bias?.length ?? 0) + j] ?? Number.NaN), b)
        return relu === 'relu' ? Math.max(0, sum) : sum
      })
    const byHand = rows(9).map((row) => {
      const one = dense(Array.from(row), values[0], values[1], 'relu')
      return dense(dense(one, values[2], values[3], 'relu'), values[4], values[5], 'linear')
    })
    for (const name of ['wasm', 'cpu'] as const) {
      const network = Network.build(await Backend.load(name), shape)
      Network.setWeights(network, values)
      const output = Network.correct(network, rows(9))
      output.forEach((line, i) => {
        line.forEach((value, k) => {
          expect(Math.abs(value - (byHand[i]?.[k] ?? Number.NaN))).toBeLessThan(1e-5)
        })
      })
      Network.dispose(network)
    }
  })
  test('edge: no rows', async () => {
    expect(Network.correct(Network.build(await Backend.load('wasm'), shape), [])).toEqual([])
  })
  test('NaN in is NaN out, never a number', async () => {
    const network = Network.build(await Backend.load('wasm'), shape)
    Network.setWeights(
      network,
      Network.weights(network).map((part) => part.fill(Number.NaN)),
    )
    expect(Network.correct(network, rows(1))[0]?.every(Number.isNaN)).toBe(true)
  })
})
