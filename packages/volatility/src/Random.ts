import { BaseError } from './BaseError.ts'

/** A stream of numbers that its seed and label determine. It moves on with every call: pass it down, do not share it. */
export type Random = {
  /** Uniform on the open interval (0, 1). */
  readonly uniform: () => number
  /** Standard normal. */
  readonly normal: () => number
  /** The numbers 0…n−1 in random order. */
  readonly permutation: (n: number) => Uint32Array
}

/**
 * A seeded stream: sfc32, its state filled by splitmix32 from the seed and the label. Streams of different labels are independent, so
 * adding a consumer changes nobody else's numbers. Good enough for simulation; never for secrets.
 *
 * Source: Chris Doty-Humphrey, PractRand (sfc32); Steele, Lea and Flood, OOPSLA 2014 (splitmix).
 *
 * @param seed - whole number ≥ 0.
 * @throws {InvalidSeedError}
 *
 * @example
 * Random.of(7, 'a').uniform() === Random.of(7, 'a').uniform()
 * // => true
 */
export function of(seed: number, label = ''): Random {
  if (!Number.isSafeInteger(seed) || seed < 0) throw new InvalidSeedError({ seed })
  let state = ((seed % 2 ** 32) ^ Math.floor(seed / 2 ** 32)) >>> 0
  for (let i = 0; i < label.length; i++) state = Math.imul(state ^ label.charCodeAt(i), 0x01000193) >>> 0
  const fill = (): number => {
    state = (state + 0x9e3779b9) >>> 0
    let z = state
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    return (z ^ (z >>> 15)) >>> 0
  }
  let [a, b, c, counter] = [fill(), fill(), fill(), 1]
  const next = (): number => {
    const sum = (((a + b) >>> 0) + counter) >>> 0
    counter = (counter + 1) >>> 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) >>> 0
    c = (((c << 21) | (c >>> 11)) + sum) >>> 0
    return sum
  }
  for (let i = 0; i < 15; i++) next()

  const uniform = (): number => (next() + 0.5) / 2 ** 32
  // Box–Muller, without a cached second value: one call, two uniforms, whatever else is drawn between.
  const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
  const permutation = (n: number): Uint32Array => {
    const order = Uint32Array.from({ length: n }, (_, i) => i)
    for (let i = n - 1; i > 0; i--) {
      const j = Math.floor(uniform() * (i + 1))
      const swap = order[i] ?? 0
      order[i] = order[j] ?? 0
      order[j] = swap
    }
    return order
  }
  return { uniform, normal, permutation }
}

/** Thrown when a seed is not a whole number ≥ 0. */
export class InvalidSeedError extends BaseError {
  override readonly name = 'Random.InvalidSeedError'
  readonly seed: number
  constructor(args: { readonly seed: number }) {
    super({ code: 'SEED_INVALID', message: `Seed ${args.seed} is not a whole number ≥ 0.`, hint: 'Give a seed such as 7.' })
    this.seed = args.seed
  }
}
