/** Cases about one account or one loan: what it owes, when it fails, what closing it takes. */
import { Breach, Closing, Deleveraging, Lending, LiquidationCurve, Schedule, WrongWay } from '@plimsoll/liquidation'
import type { Answer, Fields } from '../Conformance.ts'
import * as Read from '../Read.ts'

export const accounts: Readonly<Record<string, (input: Fields) => Answer>> = {
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
      cases: Read.numbers(input, 'ltvs').map((ltv) => ({
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
  'gap-loss': (input) => {
    const { rate, probability } = Breach.gap({ buffer: Read.number(input, 'buffer'), sigma: Read.number(input, 'gap_sigma') })
    return { expected_bad_debt_rate: rate, bps: rate * 10_000, prob_breach: probability }
  },
  adl: (input) => {
    const pnl = Read.numbers(input, 'pnl')
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
      ...named('forced_usd_down', Read.numbers(input, 'moves_down'), (move) => forced('long', -Math.log1p(-move))),
      ...named('forced_usd_up', Read.numbers(input, 'moves_up'), (move) => forced('short', Math.log1p(move))),
    }
  },
  'ltv-leverage': (input) => ({
    leverage: Read.numbers(input, 'ltv').map((ltv) => Lending.leverage(ltv)),
    loop_exposure: Read.numbers(input, 'loop_rounds').map((rounds) => Lending.loop(Read.number(input, 'loop_ltv'), rounds)),
  }),
}

function loanOf(input: Fields): Lending.Loan {
  return { collateral: Read.number(input, 'collateral'), debt: Read.number(input, 'debt'), threshold: Read.number(input, 'liq_threshold') }
}

/** Where a long fails, 0 where no price does it, and how far below its entry that is. */
function failure(long: WrongWay.Long): { readonly liq_price: number; readonly liq_drop: number } {
  const price = WrongWay.liquidationPrice(long) ?? 0
  return { liq_price: price, liq_drop: 1 - price / long.entry }
}

/** Enough places for any tolerance, and exact sums. */
const scale = 1e12

function wei(amount: number): bigint {
  return BigInt(Math.round(amount * scale))
}

function float(amount: bigint): number {
  return Number(amount) / scale
}

/** JSON has no infinity: what diverges is null. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
