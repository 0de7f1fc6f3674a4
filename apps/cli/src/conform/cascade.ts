/** Closed-form cascade cases by kind: each is answered by one or two functions of the liquidation package. */
import {
  Branching,
  Breach,
  Cascade,
  Closing,
  Deleveraging,
  Depth,
  Impact,
  Lending,
  LiquidationCurve,
  Pool,
  Schedule,
  Uniform,
  Vulnerability,
  Walls,
  WrongWay,
} from '@plimsoll/liquidation'
import type { Anchor, Answer, Fields, Json } from './Conformance.ts'

/** What each kind of case is answered with: every field that it may be asked for. */
export const kinds: Readonly<Record<string, (input: Fields) => Answer>> = {
  'uniform-linear': (input) => {
    const [uniform, shock] = [uniformOf(input), number(input, 'shock_log')]
    const { x, forced } = Uniform.fall(uniform, shock, Uniform.none)
    const n = Uniform.reflexivity(uniform)
    return {
      n,
      amplification: n < 1 ? 1 / (1 - n) : null,
      x_total: x,
      forced_usdm: forced,
      extra_drop: x === null ? null : x - shock,
      x_after_rounds: numbers(input, 'rounds').map((round) => Uniform.after(uniform, shock, round)),
    }
  },
  'uniform-saturating': (input) => {
    const [uniform, shock] = [uniformOf(input), number(input, 'shock_log')]
    const { x, forced } = Uniform.fall(uniform, shock, Uniform.none)
    const open = Uniform.fall({ ...uniform, support: Number.POSITIVE_INFINITY }, shock, Uniform.none)
    return { n: Uniform.reflexivity(uniform), x_total: x, forced_usdm: forced, unsaturated_would_be: open.x }
  },
  'uniform-supercritical': (input) => {
    const uniform = uniformOf(input)
    const { x, forced } = Uniform.fall(uniform, number(input, 'shock_log'), Uniform.none)
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
    const { x, forced, rounds } = Uniform.fall(uniform, number(input, 'shock_log'), Uniform.none)
    return { n: Uniform.reflexivity(uniform), x_total: x, forced_usdm: forced, rounds_to_finish: rounds }
  },
  'account-cascade': (input) => {
    const side = input['side'] === undefined ? 'long' : oneOf(input, 'side', ['long', 'short'] as const)
    const rows = records(input, 'accounts')
    const maintenance = number(input, 'mm_rate')
    const { steps, prices, final, forced, badDebt, amplification } = Walls.fall(
      {
        side,
        price: number(input, 'p0'),
        impact: number(input, 'impact_usd_per_unit'),
        maintenance,
        accounts: rows.map((row) => ({ account: text(row, 'id'), size: number(row, 'qty'), liquidationPrice: number(row, 'liq') })),
      },
      number(input, 'shock_usd'),
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
      bankruptcy_prices: rows.map((row) => Walls.bankruptcyPrice(side, number(row, 'liq'), maintenance)),
    }
  },
  'discrete-walls': (input) => {
    const walls = records(input, 'walls').map((wall) => ({ at: number(wall, 'at_log'), notional: number(wall, 'usdm') }))
    const curve = LiquidationCurve.fromWalls('long', walls)
    const impact: Impact.Impact = { kind: 'linear', slope: number(input, 'kappa_per_usdm') }
    return {
      cases: numbers(input, 'shocks').map((shock) => {
        const { x, forced } = Cascade.run({ curve, impact, shock })
        return { shock, least_fixed_point: x, forced_usdm: forced, all_fixed_points: Cascade.fixedPoints({ curve, impact, shock }) }
      }),
    }
  },
  'sqrt-impact': (input) => {
    const impact: Impact.Impact = {
      kind: 'squareRoot',
      coefficient: number(input, 'Y') * number(input, 'sigma_daily'),
      volume: 1 / number(input, 'rho_over_adv'),
    }
    const shock = number(input, 'shock_log')
    const a = Impact.of(impact, 1)
    const x = Uniform.squareRoot(a, shock)
    return { a, x_total: x, amplification: shock === 0 ? null : x / shock, x_limit_shock_to_0: Uniform.squareRoot(a, 0) }
  },
  'cpmm-sale': (input) => {
    const pool = { base: number(input, 'reserve_base'), quote: number(input, 'reserve_quote') }
    const { before, after, proceeds, average, logMove, slope } = Pool.sell(pool, number(input, 'sell_base'))
    return { p0: before, p1: after, proceeds, avg_price: average, log_impact: logMove, local_kappa_per_base: slope }
  },
  'lending-target-health': (input) => {
    const loan = loanOf(input)
    const { repaid, seized, left, health } = Lending.repay(loan, { bonus: number(input, 'bonus'), target: number(input, 'target_hf') })
    return {
      hf_before: Lending.health(loan),
      repay: repaid,
      seize: seized,
      hf_after: health,
      collateral_after: left.collateral,
      debt_after: left.debt,
    }
  },
  'perp-target-margin': (input) => {
    const { ratio, share, closed, left } = Closing.of({
      equity: number(input, 'equity'),
      notional: number(input, 'notional'),
      target: number(input, 'target_margin_ratio'),
      cost: number(input, 'cost_rate'),
    })
    return {
      margin_ratio_before: ratio,
      close_fraction: share,
      close_notional: closed,
      equity_after: left.equity,
      notional_after: left.notional,
    }
  },
  'toxic-frontier': (input) => {
    const incentive = number(input, 'incentive')
    const collateral = number(input, 'collateral_value')
    const still = Lending.frontier({ incentive, collateral, quote: Number.POSITIVE_INFINITY })
    const sold = Lending.frontier({ incentive, collateral, quote: number(input, 'pool_quote_reserve') })
    return {
      frontier_no_impact: still.loanToValue,
      lambda_: sold.amplification,
      frontier_with_amm: sold.loanToValue,
      cases: numbers(input, 'ltvs').map((ltv) => ({
        ltv,
        ltv_increases_with_amm: ltv > sold.loanToValue,
        ltv_increases_no_impact: ltv > still.loanToValue,
      })),
    }
  },
  'two-step-liquidation': (input) => {
    const plan = Lending.evade(loanOf(input), { bonus: number(input, 'spread'), closeFactor: number(input, 'close_factor') })
    return {
      repay1: plan.first,
      repay2: plan.second,
      hf_after_1: plan.healthBetween,
      profit_optimal: plan.profit,
      profit_up_to_close_factor: plan.once,
      gain_ratio: plan.gain,
    }
  },
  'borel-cascade': (input) => {
    const n = number(input, 'n')
    const { mean, variance } = Branching.size(n)
    return {
      pmf: Object.fromEntries(numbers(input, 'sizes').map((size) => [String(size), Branching.probability(n, size)])),
      mean: finite(mean),
      variance: finite(variance),
      critical_tail_exponent: Branching.criticalTailExponent,
    }
  },
  hawkes: (input) => {
    const { rate, fano } = Branching.hawkes({ base: number(input, 'mu_per_s'), n: number(input, 'branching') })
    return { mean_rate: finite(rate), fano_infinite_window: finite(fano), n_check: Number.isFinite(fano) ? Branching.ofFano(fano) : null }
  },
  'first-passage': (input) => {
    const year = number(input, 'days_per_year')
    const answer = (distance: number, sigma: number, horizon: number) => ({
      p_zero_log_drift: Breach.probability({ distance, sigma, horizon, drift: 0 }),
      p_martingale: Breach.probability({ distance, sigma, horizon, drift: (-sigma * sigma) / 2 }),
    })
    const [distance, sigma, horizon] = [number(input, 'distance_log'), number(input, 'sigma_annual'), number(input, 'h_years')]
    const interval = number(input, 'monitor_minutes') / (year * 1_440)
    return {
      ...answer(distance, sigma, horizon),
      p_discrete_5min_bgk: Breach.monitored({ distance, sigma, horizon, drift: 0 }, interval),
      cases: records(input, 'cases').map((row) => ({
        ...row,
        ...answer(number(row, 'd'), number(row, 'sigma'), number(row, 'h_days') / year),
      })),
    }
  },
  'almgren-chriss': (input) => {
    const sale: Schedule.Sale = {
      amount: number(input, 'X'),
      horizon: number(input, 'T_days'),
      slices: number(input, 'N'),
      sigma: number(input, 'sigma_usd_per_sqrt_day'),
      permanent: number(input, 'gamma'),
      temporary: number(input, 'eta'),
      spread: number(input, 'epsilon'),
      aversion: number(input, 'lambda_'),
    }
    const { temporary, urgency, holdings, trades, cost } = Schedule.plan(sale)
    const even = Schedule.even(sale)
    return {
      eta_tilde: temporary,
      kappa_per_day: urgency,
      half_life_days: finite(1 / urgency),
      holdings,
      trades,
      expected_cost: cost.expected,
      variance: cost.variance,
      twap_cost: even.expected,
      twap_variance: even.variance,
      utility: cost.utility,
      twap_utility: even.utility,
      block_trade_cost: Schedule.block(sale).expected,
    }
  },
  'aggregate-vulnerability': (input) => {
    const system = {
      assets: numbers(input, 'assets'),
      equity: numbers(input, 'equity'),
      weights: list(input, 'weights').map((_, i) => numbers(input, 'weights', i)),
      impact: numbers(input, 'price_impact'),
    }
    const { leverage, direct, flow, prices, indirect, aggregate, connectedness } = Vulnerability.assess(system, numbers(input, 'shock'))
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
    const market = { impact: number(input, 'kappa'), assets: number(input, 'assets') }
    return {
      critical_D_over_E: Vulnerability.criticalLeverage(market),
      amplifications: numbers(input, 'leverages').map((leverage) => Vulnerability.amplification(market, leverage)),
    }
  },
  'wrong-way': (input) => {
    const [coins, entry, size] = [number(input, 'collateral_btc'), number(input, 'entry'), number(input, 'qty')]
    const [maintenance, cash, stated] = [number(input, 'mm_rate'), number(input, 'usd_collateral_alt'), number(input, 'stated_leverage')]
    const coin = (size: number) => failure({ coins, cash: 0, size, entry, maintenance })
    const usd = (size: number) => failure({ coins: 0, cash, size, entry, maintenance })
    const positions = [{ value: size * entry, beta: 1 }]
    const inCoins = { positions, collateral: [{ value: coins * entry, beta: 1 }], equity: coins * entry }
    return {
      coin_margined: { ...coin(size), wrong_way_leverage_at_entry: WrongWay.leverage(inCoins).leverage },
      usd_margined: { ...usd(size), wrong_way_leverage_at_entry: WrongWay.leverage({ positions, collateral: [], equity: cash }).leverage },
      five_x: {
        coin: { qty: stated * coins, ...coin(stated * coins) },
        usd: { qty: (stated * cash) / entry, ...usd((stated * cash) / entry) },
      },
    }
  },
  'index-weight': (input) => {
    const [uniform, shock] = [uniformOf(input), number(input, 'shock_log')]
    const weights = numbers(input, 'weights')
    const n = Uniform.reflexivity(uniform)
    const { forced, extra, index, venue, divergence } = Uniform.indexed(uniform, shock, number(input, 'divergence_weight'))
    return {
      n: weights.map((weight) => weight * n),
      critical_weight: 1 / n,
      x_index_for_shock_0_01: weights.map((weight) => Uniform.indexed(uniform, shock, weight).index),
      venue_divergence_log_w05: { forced_usdm: forced, venue_extra: extra, index_x: index, venue_x: venue, divergence },
    }
  },
  'backstop-share': (input) => {
    const [uniform, shock] = [uniformOf(input), number(input, 'shock_log')]
    const n = Uniform.reflexivity(uniform)
    const results = numbers(input, 'phi').map((share) => Uniform.fall(uniform, shock, { share, capacity: 0 }))
    return {
      n,
      phi_min: Uniform.leastShare(n),
      x_total: results.map(({ x }) => x),
      forced_usdm: results.map(({ forced }) => forced),
      backstop_usdm: results.map(({ absorbed }) => absorbed),
    }
  },
  'backstop-capacity': (input) => {
    const [uniform, shock] = [uniformOf(input), number(input, 'shock_log')]
    return {
      x_total: numbers(input, 'capacity_usdm').map((capacity) => Uniform.fall(uniform, shock, { share: 0, capacity }).x),
      min_capacity_to_stop: Uniform.leastCapacity(uniform, shock),
    }
  },
  'gap-loss': (input) => {
    const { rate, probability } = Breach.gap({ buffer: number(input, 'buffer'), sigma: number(input, 'gap_sigma') })
    return { expected_bad_debt_rate: rate, bps: rate * 10_000, prob_breach: probability }
  },
  adl: (input) => {
    const pnl = numbers(input, 'pnl')
    const profits = pnl.map(wei)
    const of = (rule: Deleveraging.Rule) => Deleveraging.of(rule, wei(number(input, 'deficit')), profits)
    const [queue, even] = [of('queue'), of('pro rata')]
    const amounts = ({ haircuts }: Deleveraging.Deleveraging) => haircuts.map(float)
    const greatest = (result: Deleveraging.Deleveraging) =>
      Math.max(0, ...amounts(result).flatMap((haircut, i) => ((pnl[i] ?? 0) > 0 ? [haircut / (pnl[i] ?? 1)] : [])))
    const pool = pnl.reduce((sum, profit) => sum + Math.max(0, profit), 0)
    return {
      queue: amounts(queue),
      pro_rata: amounts(even),
      pro_rata_fraction: pool === 0 ? 0 : float(even.total) / pool,
      total: float(queue.total),
      max_haircut_fraction: { queue: greatest(queue), pro_rata: greatest(even) },
    }
  },
  clearance: (input) => {
    const slippage = Depth.breakEven(number(input, 'bonus'))
    const ladder = list(input, 'ladder').map((_, i): readonly [number, number] => {
      const [notional = Number.NaN, cost = Number.NaN] = numbers(input, 'ladder', i)
      return [notional, cost]
    })
    const { status, notional } = Depth.clearable(ladder, slippage)
    return { break_even_slippage: slippage, clearable_usd: status === 'within' ? notional : null }
  },
  'lri-primitives': (input) => {
    const [mark, maintenance] = [number(input, 'mark'), number(input, 'mm_rate')]
    const rows = records(input, 'accounts').map((row) => {
      const [sign, size, entry, collateral] = [number(row, 'side'), number(row, 'qty'), number(row, 'entry'), number(row, 'coll')]
      const side = sign > 0 ? ('long' as const) : ('short' as const)
      return { side, notional: size * mark, equity: collateral + Math.sign(sign) * size * (mark - entry), collateral, maintenance }
    })
    const gross = rows.reduce((sum, { notional }) => sum + notional, 0)
    const collateral = rows.reduce((sum, row) => sum + row.collateral, 0)
    const failing = rows.map((row) => ({ side: row.side, price: mark * LiquidationCurve.ratio(row) }))
    const broke = rows.map((row) => ({ side: row.side, price: mark * LiquidationCurve.ratio({ ...row, maintenance: 0 }) }))
    const forced = (side: 'long' | 'short', x: number) => {
      const walls = rows.flatMap((row) => {
        const at = row.side === side ? LiquidationCurve.distance(row) : null
        return at === null ? [] : [{ at, notional: row.notional }]
      })
      return LiquidationCurve.forcedAtMark(LiquidationCurve.fromWalls(side, walls), x)
    }
    const named = (prefix: string, moves: readonly number[], of: (move: number) => number) =>
      Object.fromEntries(moves.map((move) => [`${prefix}_${Number((move * 100).toPrecision(12))}pct`, of(move)]))
    return {
      gross_notional: gross,
      collateral,
      leverage_ratio: gross / collateral,
      liq_prices: failing.map(({ price }) => price),
      distance_log: failing.map(({ side, price }) => (side === 'long' ? Math.log(mark / price) : Math.log(price / mark))),
      bankruptcy_prices: broke.map(({ price }) => price),
      distance_to_insolvency_log_system_down: Math.min(
        ...broke.filter(({ side }) => side === 'long').map(({ price }) => Math.log(mark / Math.max(price, Number.MIN_VALUE))),
      ),
      ...named('forced_usd_down', numbers(input, 'moves_down'), (move) => forced('long', -Math.log1p(-move))),
      ...named('forced_usd_up', numbers(input, 'moves_up'), (move) => forced('short', Math.log1p(move))),
    }
  },
  'ltv-leverage': (input) => ({
    leverage: numbers(input, 'ltv').map((ltv) => Lending.leverage(ltv)),
    loop_exposure: numbers(input, 'loop_rounds').map((rounds) => Lending.loop(number(input, 'loop_ltv'), rounds)),
  }),
}

function uniformOf(input: Fields): Uniform.Uniform {
  return {
    density: number(input, 'rho_usdm_per_log'),
    slope: number(input, 'kappa_per_usdm'),
    support: input['support_log'] === undefined ? Number.POSITIVE_INFINITY : number(input, 'support_log'),
  }
}

function loanOf(input: Fields): Lending.Loan {
  return { collateral: number(input, 'collateral'), debt: number(input, 'debt'), threshold: number(input, 'liq_threshold') }
}

/** Where a long fails, 0 where no price does it, and how far below its entry that is. */
function failure(long: WrongWay.Long): { readonly liq_price: number; readonly liq_drop: number } {
  const price = WrongWay.liquidationPrice(long) ?? 0
  return { liq_price: price, liq_drop: 1 - price / long.entry }
}

/** JSON has no infinity: what diverges is null. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}

/** Enough places for any tolerance, and exact sums. */
const scale = 1e12

function wei(amount: number): bigint {
  return BigInt(Math.round(amount * scale))
}

function float(amount: bigint): number {
  return Number(amount) / scale
}

function number(fields: Fields, key: string): number {
  const value = fields[key]
  if (typeof value !== 'number') throw new CaseFieldError(key, 'a number')
  return value
}

function text(fields: Fields, key: string): string {
  const value = fields[key]
  if (typeof value !== 'string') throw new CaseFieldError(key, 'a text')
  return value
}

function oneOf<T extends string>(fields: Fields, key: string, names: readonly T[]): T {
  const found = names.find((name) => name === fields[key])
  if (found === undefined) throw new CaseFieldError(key, `one of ${names.join(', ')}`)
  return found
}

function list(fields: Fields, key: string): readonly Json[] {
  const value = fields[key]
  if (!isList(value)) throw new CaseFieldError(key, 'a list')
  return value
}

/** The numbers of a list, or of its row `row`. */
function numbers(fields: Fields, key: string, row?: number): readonly number[] {
  const values = row === undefined ? list(fields, key) : list(fields, key)[row]
  if (!isList(values) || !values.every((value) => typeof value === 'number')) throw new CaseFieldError(key, 'a list of numbers')
  return values
}

function records(fields: Fields, key: string): readonly Fields[] {
  return list(fields, key).map((value) => {
    if (typeof value !== 'object' || value === null || isList(value)) throw new CaseFieldError(key, 'a list of objects')
    return value
  })
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

/** Thrown when a case lacks a field that its kind is computed from. */
export class CaseFieldError extends Error {
  override readonly name = 'Conform.CaseFieldError'
  readonly code = 'CASE_FIELD'
  readonly hint = 'Give every case of a kind the same input fields.'
  constructor(field: string, wanted: string) {
    super(`The input field ${field} has to be ${wanted}.`)
  }
}

/** Each fixture states its own tolerance. */
export const cascade: Anchor = {
  anchor: 'cascade',
  groups: Object.fromEntries(
    Object.entries(kinds).map(([kind, answer]) => [kind, { exactness: { kind: 'stated' as const }, answer: (given) => answer(given.in) }]),
  ),
}
