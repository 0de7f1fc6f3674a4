import { describe, expect, test } from 'vitest'
import { kinds } from './cascade.ts'
import { UnreadableError } from './Read.ts'

type Input = Parameters<(typeof kinds)[string]>[0]

const answer = (kind: string, input: Input): Readonly<Record<string, unknown>> => {
  const of = kinds[kind]
  if (!of) throw new Error(`no kind ${kind}`)
  return of(input)
}

describe('kinds', () => {
  test('edge: no shock is no cascade, and keeps its amplification', () => {
    const input = { kappa_per_usdm: 0.02, rho_usdm_per_log: 25, shock_log: 0, support_log: 1, rounds: [1, 2] }
    expect(answer('uniform-linear', input)).toMatchObject({ n: 0.5, amplification: 2, x_total: 0, extra_drop: 0, x_after_rounds: [0, 0] })
  })

  test('edge: what has no end is null', () => {
    const input = { kappa_per_usdm: 0.02, rho_usdm_per_log: 100, weights: [0.6, 0.25], shock_log: 0.01, divergence_weight: 0.6 }
    const { n, x_index_for_shock_0_01, venue_divergence_log_w05 } = answer('index-weight', input)
    expect(n).toEqual([1.2, 0.5])
    expect(x_index_for_shock_0_01).toEqual([null, 0.02])
    expect(venue_divergence_log_w05).toEqual({ forced_usdm: null, venue_extra: null, index_x: null, venue_x: null, divergence: null })
    expect(answer('hawkes', { mu_per_s: 1, branching: 1, beta_per_s: 1 })).toEqual({
      mean_rate: null,
      fano_infinite_window: null,
      n_check: null,
    })
    expect(answer('critical-leverage', { kappa: 0.1, assets: 5, leverages: [1, 2, 9] })['amplifications']).toEqual([2, null, null])
  })

  test('edge: moves name their own fields, and a long paid in full has no liquidation price', () => {
    const accounts = [{ id: 'a', side: 1, qty: 10, entry: 100, coll: 100 }]
    const answered = answer('lri-primitives', { mark: 100, mm_rate: 0.05, accounts, moves_down: [0.125], moves_up: [0.07] })
    expect(answered).toMatchObject({ 'forced_usd_down_12.5pct': 875, forced_usd_up_7pct: 0, leverage_ratio: 10 })
    expect(
      answer('wrong-way', { collateral_btc: 1, entry: 50, qty: 1, mm_rate: 0.1, usd_collateral_alt: 80, stated_leverage: 2 }),
    ).toMatchObject({
      usd_margined: { liq_price: 0, liq_drop: 1 },
    })
  })

  test('error: a field that is missing or of another type', () => {
    expect(() => answer('gap-loss', { buffer: 0.1 })).toThrow(UnreadableError)
    expect(() => answer('adl', { pnl: ['1'], deficit: 1 })).toThrow(UnreadableError)
    expect(() => answer('clearance', { bonus: 0.1, ladder: 3 })).toThrow(UnreadableError)
    expect(() =>
      answer('account-cascade', { side: 'both', accounts: [], p0: 1, impact_usd_per_unit: 1, mm_rate: 0, shock_usd: 0 }),
    ).toThrow(UnreadableError)
  })
})
