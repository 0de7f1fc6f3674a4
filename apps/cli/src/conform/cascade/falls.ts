/** Cases about a market that falls: forced sales, their impact, and who takes them up. */
import { Branching, Cascade, Depth, Impact, LiquidationCurve, Pool, Uniform, Vulnerability, Walls } from '@plimsoll/liquidation'
import type { Answer, Fields } from '../Conformance.ts'
import * as Read from '../Read.ts'

export const falls: Readonly<Record<string, (input: Fields) => Answer>> = {
  'uniform-linear': (input) => {
    const [uniform, shock] = [uniformOf(input), Read.number(input, 'shock_log')]
    const { x, forced } = Uniform.fall(uniform, shock, Uniform.none)
    const n = Uniform.reflexivity(uniform)
    return {
      n,
      amplification: n < 1 ? 1 / (1 - n) : null,
      x_total: x,
      forced_usdm: forced,
      extra_drop: x === null ? null : x - shock,
      x_after_rounds: Read.numbers(input, 'rounds').map((round) => Uniform.after(uniform, shock, round)),
    }
  },
  'uniform-saturating': (input) => {
    const [uniform, shock] = [uniformOf(input), Read.number(input, 'shock_log')]
    const { x, forced } = Uniform.fall(uniform, shock, Uniform.none)
    const open = Uniform.fall({ ...uniform, support: Number.POSITIVE_INFINITY }, shock, Uniform.none)
    return { n: Uniform.reflexivity(uniform), x_total: x, forced_usdm: forced, unsaturated_would_be: open.x }
  },
  'uniform-supercritical': (input) => {
    const uniform = uniformOf(input)
    const { x, forced } = Uniform.fall(uniform, Read.number(input, 'shock_log'), Uniform.none)
    return {
      n: Uniform.reflexivity(uniform),
      x_total: x,
      forced_usdm: forced,
      forced_share: forced === null ? null : forced / (uniform.density * uniform.support),
      zero_shock_x: Uniform.fall(uniform, 0, Uniform.none).x,
    }
  },
  'uniform-critical': (input) => {
    const uniform = uniformOf(input)
    const { x, forced, rounds } = Uniform.fall(uniform, Read.number(input, 'shock_log'), Uniform.none)
    return { n: Uniform.reflexivity(uniform), x_total: x, forced_usdm: forced, rounds_to_finish: rounds }
  },
  'account-cascade': (input) => {
    const side = input['side'] === undefined ? 'long' : Read.oneOf(input, 'side', ['long', 'short'] as const)
    const rows = Read.records(input, 'accounts')
    const maintenance = Read.number(input, 'mm_rate')
    const { steps, prices, final, forced, badDebt, amplification } = Walls.fall(
      {
        side,
        price: Read.number(input, 'p0'),
        impact: Read.number(input, 'impact_usd_per_unit'),
        maintenance,
        accounts: rows.map((row) => ({
          account: Read.text(row, 'id'),
          size: Read.number(row, 'qty'),
          liquidationPrice: Read.number(row, 'liq'),
        })),
      },
      Read.number(input, 'shock_usd'),
    )
    return {
      final_price: final,
      steps: steps.map((step) => ({
        account: step.account,
        price_before: step.before,
        price_after: step.after,
        avg_exec: step.average,
        bankruptcy_price: step.bankruptcyPrice,
        bad_debt: step.badDebt,
      })),
      total_bad_debt: badDebt,
      forced_qty: forced,
      amplification,
      prices,
      bankruptcy_prices: rows.map((row) => Walls.bankruptcyPrice(side, Read.number(row, 'liq'), maintenance)),
    }
  },
  'discrete-walls': (input) => {
    const walls = Read.records(input, 'walls').map((wall) => ({ at: Read.number(wall, 'at_log'), notional: Read.number(wall, 'usdm') }))
    const curve = LiquidationCurve.fromWalls('long', walls)
    const impact: Impact.Impact = { kind: 'linear', slope: Read.number(input, 'kappa_per_usdm') }
    return {
      cases: Read.numbers(input, 'shocks').map((shock) => {
        const { x, forced } = Cascade.run({ curve, impact, shock })
        return { shock, least_fixed_point: x, forced_usdm: forced, all_fixed_points: Cascade.fixedPoints({ curve, impact, shock }) }
      }),
    }
  },
  'sqrt-impact': (input) => {
    const impact: Impact.Impact = {
      kind: 'squareRoot',
      coefficient: Read.number(input, 'Y') * Read.number(input, 'sigma_daily'),
      volume: 1 / Read.number(input, 'rho_over_adv'),
    }
    const shock = Read.number(input, 'shock_log')
    const a = Impact.of(impact, 1)
    const x = Uniform.squareRoot(a, shock)
    return { a, x_total: x, amplification: shock === 0 ? null : x / shock, x_limit_shock_to_0: Uniform.squareRoot(a, 0) }
  },
  'cpmm-sale': (input) => {
    const pool = { base: Read.number(input, 'reserve_base'), quote: Read.number(input, 'reserve_quote') }
    const { before, after, proceeds, average, logMove, slope } = Pool.sell(pool, Read.number(input, 'sell_base'))
    return { p0: before, p1: after, proceeds, avg_price: average, log_impact: logMove, local_kappa_per_base: slope }
  },
  'borel-cascade': (input) => {
    const n = Read.number(input, 'n')
    const { mean, variance } = Branching.size(n)
    return {
      pmf: Object.fromEntries(Read.numbers(input, 'sizes').map((size) => [String(size), Branching.probability(n, size)])),
      mean: finite(mean),
      variance: finite(variance),
      critical_tail_exponent: Branching.criticalTailExponent,
    }
  },
  hawkes: (input) => {
    const { rate, fano } = Branching.hawkes({ base: Read.number(input, 'mu_per_s'), n: Read.number(input, 'branching') })
    return { mean_rate: finite(rate), fano_infinite_window: finite(fano), n_check: Number.isFinite(fano) ? Branching.ofFano(fano) : null }
  },
  'aggregate-vulnerability': (input) => {
    const system = {
      assets: Read.numbers(input, 'assets'),
      equity: Read.numbers(input, 'equity'),
      weights: Read.list(input, 'weights').map((_, i) => Read.numbers(input, 'weights', i)),
      impact: Read.numbers(input, 'price_impact'),
    }
    const { leverage, direct, flow, prices, indirect, aggregate, connectedness } = Vulnerability.assess(
      system,
      Read.numbers(input, 'shock'),
    )
    return {
      leverage_D_over_E: leverage,
      direct_return: direct,
      net_sales_per_asset: flow,
      second_round_price: prices,
      second_round_return: indirect,
      AV: aggregate,
      connectedness,
    }
  },
  'critical-leverage': (input) => {
    const market = { impact: Read.number(input, 'kappa'), assets: Read.number(input, 'assets') }
    return {
      critical_D_over_E: Vulnerability.criticalLeverage(market),
      amplifications: Read.numbers(input, 'leverages').map((leverage) => Vulnerability.amplification(market, leverage)),
    }
  },
  'index-weight': (input) => {
    const [uniform, shock] = [uniformOf(input), Read.number(input, 'shock_log')]
    const weights = Read.numbers(input, 'weights')
    const n = Uniform.reflexivity(uniform)
    const { forced, extra, index, venue, divergence } = Uniform.indexed(uniform, shock, Read.number(input, 'divergence_weight'))
    return {
      n: weights.map((weight) => weight * n),
      critical_weight: 1 / n,
      x_index_for_shock_0_01: weights.map((weight) => Uniform.indexed(uniform, shock, weight).index),
      venue_divergence_log_w05: { forced_usdm: forced, venue_extra: extra, index_x: index, venue_x: venue, divergence },
    }
  },
  'backstop-share': (input) => {
    const [uniform, shock] = [uniformOf(input), Read.number(input, 'shock_log')]
    const n = Uniform.reflexivity(uniform)
    const results = Read.numbers(input, 'phi').map((share) => Uniform.fall(uniform, shock, { share, capacity: 0 }))
    return {
      n,
      phi_min: Uniform.leastShare(n),
      x_total: results.map(({ x }) => x),
      forced_usdm: results.map(({ forced }) => forced),
      backstop_usdm: results.map(({ absorbed }) => absorbed),
    }
  },
  'backstop-capacity': (input) => {
    const [uniform, shock] = [uniformOf(input), Read.number(input, 'shock_log')]
    return {
      x_total: Read.numbers(input, 'capacity_usdm').map((capacity) => Uniform.fall(uniform, shock, { share: 0, capacity }).x),
      min_capacity_to_stop: Uniform.leastCapacity(uniform, shock),
    }
  },
  clearance: (input) => {
    const slippage = Depth.breakEven(Read.number(input, 'bonus'))
    const ladder = Read.list(input, 'ladder').map((_, i): readonly [number, number] => {
      const [notional = Number.NaN, cost = Number.NaN] = Read.numbers(input, 'ladder', i)
      return [notional, cost]
    })
    const { status, notional } = Depth.clearable(ladder, slippage)
    return { break_even_slippage: slippage, clearable_usd: status === 'within' ? notional : null }
  },
}

function uniformOf(input: Fields): Uniform.Uniform {
  return {
    density: Read.number(input, 'rho_usdm_per_log'),
    slope: Read.number(input, 'kappa_per_usdm'),
    support: input['support_log'] === undefined ? Number.POSITIVE_INFINITY : Read.number(input, 'support_log'),
  }
}

/** JSON has no infinity: what diverges is null. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
