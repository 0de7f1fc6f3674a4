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
import * as Read from './Read.ts'

/** What each kind of case is answered with: every field that it may be asked for. */
export const kinds: Readonly<Record<string, (input: Fields) => Answer>> = {
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
      x_after_rounds: numbers(input, 'rounds').map((round) => Uniform.after(uniform, shock, round)),
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
    const side = input['side'] === undefined ? 'long' : oneOf(input, 'side', ['long', 'short'] as const)
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
      cases: numbers(input, 'shocks').map((shock) => {
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
  'lending-target-health': (input) => {
    const loan = loanOf(input)
    const { repaid, seized, left, health } = Lending.repay(loan, {
      bonus: Read.number(input, 'bonus'),
      target: Read.number(input, 'target_hf'),
    })
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
      equity: Read.number(input, 'equity'),
      notional: Read.number(input, 'notional'),
      target: Read.number(input, 'target_margin_ratio'),
      cost: Read.number(input, 'cost_rate'),
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
    const incentive = Read.number(input, 'incentive')
    const collateral = Read.number(input, 'collateral_value')
    const still = Lending.frontier({ incentive, collateral, quote: Number.POSITIVE_INFINITY })
    const sold = Lending.frontier({ incentive, collateral, quote: Read.number(input, 'pool_quote_reserve') })
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
    const plan = Lending.evade(loanOf(input), { bonus: Read.number(input, 'spread'), closeFactor: Read.number(input, 'close_factor') })
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
    const n = Read.number(input, 'n')
    const { mean, variance } = Branching.size(n)
    return {
      pmf: Object.fromEntries(numbers(input, 'sizes').map((size) => [String(size), Branching.probability(n, size)])),
      mean: finite(mean),
      variance: finite(variance),
      critical_tail_exponent: Branching.criticalTailExponent,
    }
  },
  hawkes: (input) => {
    const { rate, fano } = Branching.hawkes({ base: Read.number(input, 'mu_per_s'), n: Read.number(input, 'branching') })
    return { mean_rate: finite(rate), fano_infinite_window: finite(fano), n_check: Number.isFinite(fano) ? Branching.ofFano(fano) : null }
  },
  'first-passage': (input) => {
    const year = Read.number(input, 'days_per_year')
    const answer = (distance: number, sigma: number, horizon: number) => ({
      p_zero_log_drift: Breach.probability({ distance, sigma, horizon, drift: 0 }),
      p_martingale: Breach.probability({ distance, sigma, horizon, drift: (-sigma * sigma) / 2 }),
    })
    const [distance, sigma, horizon] = [
      Read.number(input, 'distance_log'),
      Read.number(input, 'sigma_annual'),
      Read.number(input, 'h_years'),
    ]
    const interval = Read.number(input, 'monitor_minutes') / (year * 1_440)
    return {
      ...answer(distance, sigma, horizon),
      p_discrete_5min_bgk: Breach.monitored({ distance, sigma, horizon, drift: 0 }, interval),
      cases: Read.records(input, 'cases').map((row) => ({
        ...row,
        ...answer(Read.number(row, 'd'), Read.number(row, 'sigma'), Read.number(row, 'h_days') / year),
      })),
    }
  },
  'almgren-chriss': (input) => {
    const sale: Schedule.Sale = {
      amount: Read.number(input, 'X'),
      horizon: Read.number(input, 'T_days'),
      slices: Read.number(input, 'N'),
      sigma: Read.number(input, 'sigma_usd_per_sqrt_day'),
      permanent: Read.number(input, 'gamma'),
      temporary: Read.number(input, 'eta'),
      spread: Read.number(input, 'epsilon'),
      aversion: Read.number(input, 'lambda_'),
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
      weights: Read.list(input, 'weights').map((_, i) => numbers(input, 'weights', i)),
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
    const market = { impact: Read.number(input, 'kappa'), assets: Read.number(input, 'assets') }
    return {
      critical_D_over_E: Vulnerability.criticalLeverage(market),
      amplifications: numbers(input, 'leverages').map((leverage) => Vulnerability.amplification(market, leverage)),
    }
  },
  'wrong-way': (input) => {
    const [coins, entry, size] = [Read.number(input, 'collateral_btc'), Read.number(input, 'entry'), Read.number(input, 'qty')]
    const [maintenance, cash, stated] = [
      Read.number(input, 'mm_rate'),
      Read.number(input, 'usd_collateral_alt'),
      Read.number(input, 'stated_leverage'),
    ]
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
    const [uniform, shock] = [uniformOf(input), Read.number(input, 'shock_log')]
    const weights = numbers(input, 'weights')
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
    const [uniform, shock] = [uniformOf(input), Read.number(input, 'shock_log')]
    return {
      x_total: numbers(input, 'capacity_usdm').map((capacity) => Uniform.fall(uniform, shock, { share: 0, capacity }).x),
      min_capacity_to_stop: Uniform.leastCapacity(uniform, shock),
    }
  },
  'gap-loss': (input) => {
    const { rate, probability } = Breach.gap({ buffer: Read.number(input, 'buffer'), sigma: Read.number(input, 'gap_sigma') })
    return { expected_bad_debt_rate: rate, bps: rate * 10_000, prob_breach: probability }
  },
  adl: (input) => {
    const pnl = numbers(input, 'pnl')
    const profits = pnl.map(wei)
    const of = (rule: Deleveraging.Rule) => Deleveraging.of(rule, wei(Read.number(input, 'deficit')), profits)
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
    const slippage = Depth.breakEven(Read.number(input, 'bonus'))
    const ladder = Read.list(input, 'ladder').map((_, i): readonly [number, number] => {
      const [notional = Number.NaN, cost = Number.NaN] = numbers(input, 'ladder', i)
      return [notional, cost]
    })
    const { status, notional } = Depth.clearable(ladder, slippage)
    return { break_even_slippage: slippage, clearable_usd: status === 'within' ? notional : null }
  },
  'lri-primitives': (input) => {
    const [mark, maintenance] = [Read.number(input, 'mark'), Read.number(input, 'mm_rate')]
    const rows = Read.records(input, 'accounts').map((row) => {
      const [sign, size, entry, collateral] = [
        Read.number(row, 'side'),
        Read.number(row, 'qty'),
        Read.number(row, 'entry'),
        Read.number(row, 'coll'),
      ]
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
    loop_exposure: numbers(input, 'loop_rounds').map((rounds) => Lending.loop(Read.number(input, 'loop_ltv'), rounds)),
  }),
}

function uniformOf(input: Fields): Uniform.Uniform {
  return {
    density: Read.number(input, 'rho_usdm_per_log'),
    slope: Read.number(input, 'kappa_per_usdm'),
    support: input['support_log'] === undefined ? Number.POSITIVE_INFINITY : Read.number(input, 'support_log'),
  }
}

function loanOf(input: Fields): Lending.Loan {
  return { collateral: Read.number(input, 'collateral'), debt: Read.number(input, 'debt'), threshold: Read.number(input, 'liq_threshold') }
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

function oneOf<T extends string>(fields: Fields, key: string, names: readonly T[]): T {
  const found = names.find((name) => name === fields[key])
  if (found === undefined) throw new Read.UnreadableError(key, `one of ${names.join(', ')}`, fields[key])
  return found
}

/** The numbers of a list, or of its row `row`. */
function numbers(fields: Fields, key: string, row?: number): readonly number[] {
  const values = row === undefined ? Read.list(fields, key) : Read.list(fields, key)[row]
  if (!isList(values) || !values.every((value) => typeof value === 'number'))
    throw new Read.UnreadableError(key, 'a list of numbers', fields[key])
  return values
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

/** Each fixture states its own tolerance. */
export const cascade: Anchor = {
  anchor: 'cascade',
  groups: Object.fromEntries(
    Object.entries(kinds).map(([kind, answer]) => [kind, { exactness: { kind: 'stated' as const }, answer: (given) => answer(given.in) }]),
  ),
}
