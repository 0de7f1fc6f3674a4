/** Test kit: seeded books of a million, straight into columns. */
import { Columns } from '../index.ts'

/** Lehmer's generator: uniform in (0, 1). */
export function uniform(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

/** Standard normal, by Box and Muller. */
export function normal(next: () => number): () => number {
  return () => Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next())
}

/** `count` accounts of four positions in 64 markets: Zipf markets, lognormal sizes, a median leverage of 3.5, maintenance 1 to 5 %. */
export function crowd(count: number, seed: number): Columns.Columns {
  const next = uniform(seed)
  const gauss = normal(next)
  const names = Array.from({ length: 64 }, (_, k) => `M${String(k).padStart(2, '0')}`)
  const shares = names.map((_, k) => 1 / (k + 1))
  const whole = shares.reduce((sum, share) => sum + share, 0)
  const ladder = Float64Array.from(shares)
  for (let k = 0, sum = 0; k < ladder.length; k++) {
    sum += (shares[k] ?? 0) / whole
    ladder[k] = sum
  }
  const pick = () => {
    const u = next()
    let k = 0
    while ((ladder[k] ?? 1) < u && k < 63) k++
    return k
  }
  const columns = Columns.empty({ names, accounts: [], count, slots: 4 })
  for (let i = 0; i < count; i++) {
    const size = Math.exp(8 + 1.5 * gauss())
    let [gross, exposed, needed] = [0, 0, 0]
    for (let slot = 0; slot < 4; slot++) {
      const notional = size * Math.exp(0.5 * gauss())
      const exposure = next() < 0.6 ? notional : -notional
      const maintenance = 0.01 + 0.04 * next()
      const at = slot * count + i
      columns.market[at] = pick()
      columns.weight[at] = exposure - maintenance * notional
      columns.exposure[4 * i + slot] = Columns.flow(exposure)
      gross += notional
      exposed += exposure
      needed += maintenance * notional
    }
    const equity = Math.max(1.02 * needed, gross / Math.exp(Math.log(3.5) + 0.6 * gauss()))
    columns.cash[i] = equity - exposed
  }
  return columns
}

/** The same book as objects, as one would write it first. */
export type Plain = {
  readonly cash: number
  readonly positions: readonly { readonly market: number; readonly size: number; readonly maintenance: number }[]
}

export function plain(columns: Columns.Columns): readonly Plain[] {
  const { count, slots, cash, market, weight, exposure } = columns
  return Array.from({ length: count }, (_, i) => ({
    cash: cash[i] ?? 0,
    positions: Array.from({ length: slots }, (_, slot) => {
      const at = slot * count + i
      const size = exposure[i * slots + slot] ?? 0
      return { market: market[at] ?? 0, size, maintenance: size - (weight[at] ?? 0) }
    }),
  }))
}

/** Whether an account fails, the way one would write it first. */
export function fails({ cash, positions }: Plain, ratios: Float64Array): boolean {
  let equity = cash
  let needed = 0
  for (const { market, size, maintenance } of positions) {
    equity += size * (ratios[market] ?? 0)
    needed += maintenance * (ratios[market] ?? 0)
  }
  return equity <= needed
}
