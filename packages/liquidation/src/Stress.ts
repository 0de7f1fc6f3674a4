/** What a shock does to a whole book: who is closed, at which prices, and who pays for it. */
import { Fixed } from '@plimsoll/margin'
import type * as Book from './Book.ts'
import * as Deleveraging from './Deleveraging.ts'
import * as Figure from './Figure.ts'
import * as LiquidationCurve from './LiquidationCurve.ts'
import * as Policy from './Policy.ts'
import * as Settlement from './Settlement.ts'
import * as Venue from './Venue.ts'
import type * as Waterfall from './Waterfall.ts'

export type Scenario = {
  readonly book: Book.Book
  readonly markets: Venue.Markets
  /** Signed log moves by market, negative down. */
  readonly shocks: Readonly<Record<string, number>>
  readonly policy: Policy.Policy
  /** Of what is closed, to the first layer of the waterfall. */
  readonly feePpm: number
  readonly reserves: Omit<Waterfall.Reserves, 'fees'>
  readonly deleveraging: Deleveraging.Rule
  readonly roundCap: number
}

/** In which order the accounts of one round are closed. */
export const order = 'lowest equity by notional first, then by account'

export type Stress = {
  /** False where the round cap stopped it: then it is a lower bound of what happens. */
  readonly settled: boolean
  readonly rounds: number
  readonly roundCap: number
  readonly order: typeof order
  /**
   * All forced flow went one way, closes were whole and nothing refilled: the result is the least fixed point and grows with shock and impact.
   * Otherwise it is what the declared order leads to, and a larger shock may end higher.
   */
  readonly monotone: boolean
  readonly markets: Readonly<Record<string, MarketOutcome>>
  readonly path: readonly Round[]
  readonly accounts: { readonly liquidated: number; readonly insolvent: number }
  /** The positions that were closed, without holdings. USD at P0. */
  readonly forced: bigint
  readonly fees: bigint
  readonly badDebt: bigint
  readonly paid: Waterfall.Reserves & { readonly deleveraging: bigint; readonly unpaid: bigint }
  readonly reserves: Waterfall.Reserves
  /** Who took the other side: cash paid (negative) or received, units by market, and what that is worth at the end. */
  readonly makers: Taker
  readonly backstop: Taker
  readonly outcomes: readonly Outcome[]
}

/** Log moves from P0. */
export type MarketOutcome = {
  readonly shock: number
  readonly move: number
  /** The price that liquidates: the venue's part of the index, averaged. Everything is valued at it. */
  readonly index: number
  readonly lowest: number
  readonly highest: number
  /** The greatest |ln(venue / index)| on the way. */
  readonly divergence: number
  /** What was sold or bought here: positions that were closed, and the holdings that went with them. USD at P0. */
  readonly forced: bigint
  /** Net forced flow still felt at the end, sales negative. USD at P0. */
  readonly flow: number
}

export type Round = { readonly liquidated: number; readonly moves: readonly number[] }

export type Taker = { readonly cash: bigint; readonly units: Readonly<Record<string, bigint>>; readonly profit: bigint }

export type Outcome = {
  readonly account: string
  readonly status: 'standing' | 'reduced' | 'closed'
  readonly round: number | null
  readonly equityBefore: bigint
  readonly equityAfter: bigint
  /** What it is owed once its open lines are taken out: equity is this and the lines at their prices. */
  readonly cash: bigint
  /** What the positions left come to at the end. USD. */
  readonly notional: bigint
  /** Signed units at P0 that are left. USD. */
  readonly open: Readonly<Record<string, bigint>>
  readonly closed: bigint
  readonly fee: bigint
  readonly badDebt: bigint
  readonly haircut: bigint
}

/**
 * A stress of one book, round by round from the shock.
 *
 * In a round every account below its maintenance margin at the prices that liquidate is closed as the policy says, in the declared order, along
 * one impact curve; then the prices are read again. Iterating upwards from the shock stops at the least fixed point where the model is monotone.
 * Formula: docs/method/cascade.md, eq. (3) on eq. (9) to (12).
 * Source:  docs/method/cascade.md, eq. (12).
 * Rounding: against the account that is closed; what rounding leaves stays with who takes the other side.
 *
 * @throws {Venue.UnknownMarketError} {Figure.InvalidFigureError} {Impact.InvalidImpactError}
 */
export function run(scenario: Scenario): Stress {
  const { book, policy, feePpm, roundCap } = scenario
  checked(scenario)
  const prices = Venue.of(scenario.markets, scenario.shocks)
  const settlement = Settlement.of(book, prices, scenario.reserves)
  const clock = watch(settlement)
  const cost = feePpm / 1_000_000
  let settled = false

  while (!settled && clock.path.length < roundCap) {
    const { marks, moving } = clock.read()
    const ratios = marks.map(Settlement.ratio)
    const failing = failed(settlement.entries, marks)
    for (const { entry, equity, notional, maintenance } of failing) {
      const share = Policy.share(policy, { equity, notional, maintenance, cost, done: entry.slices })
      Settlement.close(settlement, entry, share, ratios, feePpm, clock.path.length + 1)
    }
    clock.advance(failing.length)
    settled = failing.length === 0 && !moving
  }
  const refills = prices.markets.some(({ refill }) => refill > 0)
  return result(scenario, settlement, clock, settled, policy.kind === 'full' && !refills && settlement.signs.size < 2)
}

export declare namespace run {
  type ErrorType = Venue.UnknownMarketError | Figure.InvalidFigureError
}

type Failing = { readonly entry: Settlement.Entry; readonly equity: number; readonly notional: number; readonly maintenance: number }

/** Who is below maintenance margin at these log moves, in the declared order. */
function failed(entries: readonly Settlement.Entry[], marks: readonly number[]): readonly Failing[] {
  const ratios = marks.map(Math.exp)
  const failing: Failing[] = []
  for (const entry of entries) {
    let equity = Number(entry.cash) / 1e18
    let notional = 0
    let maintenance = 0
    for (const { market, sign, open, held, maintenance: rate } of entry.lines) {
      const value = (Number(open) / 1e18) * (ratios[market] ?? 1)
      equity += Number(sign) * value
      if (held) continue
      notional += value
      maintenance += rate * value
    }
    // The same digit to spare as a threshold has: a wall exactly at the price is hit.
    if (notional > 0 && equity - maintenance <= LiquidationCurve.tolerance * notional)
      failing.push({ entry, equity, notional, maintenance })
  }
  // A stable sort of what was in the order of the book: ties stay by account.
  return failing.sort((a, b) => a.equity / a.notional - b.equity / b.notional)
}

/** The prices of a settlement from round to round. */
function watch(settlement: Settlement.Settlement) {
  const { prices, flows } = settlement
  const path: Round[] = []
  const history: (readonly number[])[] = []
  const lowest = [...prices.shocks]
  const highest = [...prices.shocks]
  const divergence = prices.names.map(() => 0)
  let marks: readonly number[] = prices.names.map(() => Number.NaN)

  /** The prices that liquidate now, and whether they still differ from those of the round before. */
  const read = () => {
    const venue = Venue.moves(prices, flows)
    history.push(Venue.indexed(prices, venue))
    const next = prices.markets.map(({ index }, k) => {
      // Before the shock the index stood at P0.
      let sum = 0
      for (let back = 1; back <= index.rounds; back++) sum += history.at(-back)?.[k] ?? 0
      return sum / index.rounds
    })
    for (const [k, move] of venue.entries()) {
      lowest[k] = Math.min(lowest[k] ?? move, move)
      highest[k] = Math.max(highest[k] ?? move, move)
      divergence[k] = Math.max(divergence[k] ?? 0, Math.abs(move - (next[k] ?? 0)))
    }
    const moving = next.some((mark, k) => Math.abs(mark - (history.at(-1)?.[k] ?? mark)) > 1e-9) || refilling()
    marks = next
    return { marks, moving }
  }
  const refilling = () => prices.markets.some(({ refill }, k) => refill > 0 && Math.abs(flows[k] ?? 0) > 1e-6)
  const advance = (liquidated: number) => {
    for (const [k, { refill }] of prices.markets.entries()) flows[k] = (flows[k] ?? 0) * (1 - refill)
    path.push({ liquidated, moves: Venue.moves(prices, flows) })
  }
  return { path, read, advance, lowest, highest, divergence, marks: () => marks }
}

function result(
  scenario: Scenario,
  settlement: Settlement.Settlement,
  clock: ReturnType<typeof watch>,
  settled: boolean,
  monotone: boolean,
): Stress {
  const { prices, entries, flows } = settlement
  const venue = Venue.moves(prices, flows)
  const ratios = clock.marks().map((mark, k) => Settlement.ratio(Number.isNaN(mark) ? (venue[k] ?? 0) : mark))
  const deleveraging = deleverage(scenario, settlement, ratios)
  const named = <T>(of: (k: number) => T) => Object.fromEntries(prices.names.map((name, k) => [name, of(k)]))
  const taker = ({ cash, units }: Settlement.Party): Taker => ({
    cash,
    units: named((k) => units[k] ?? 0n),
    profit: units.reduce((sum, held, k) => sum + Fixed.mul(held, ratios[k] ?? 0n, 'down'), cash),
  })
  const closing = clock.path.filter(({ liquidated }) => liquidated > 0).length
  return {
    settled,
    rounds: closing,
    roundCap: scenario.roundCap,
    order,
    monotone,
    markets: named((k) => ({
      shock: prices.shocks[k] ?? 0,
      move: venue[k] ?? 0,
      index: clock.marks()[k] ?? 0,
      lowest: clock.lowest[k] ?? 0,
      highest: clock.highest[k] ?? 0,
      divergence: clock.divergence[k] ?? 0,
      forced: settlement.gross[k] ?? 0n,
      flow: flows[k] ?? 0,
    })),
    path: clock.path,
    accounts: {
      liquidated: entries.filter(({ slices }) => slices > 0).length,
      insolvent: entries.filter(({ badDebt }) => badDebt > 0n).length,
    },
    forced: entries.reduce((sum, { closed }) => sum + closed, 0n),
    fees: settlement.fees,
    badDebt: entries.reduce((sum, { badDebt }) => sum + badDebt, 0n),
    paid: { ...settlement.paid, deleveraging: deleveraging.total, unpaid: deleveraging.unpaid },
    reserves: settlement.reserves,
    makers: taker(settlement.makers),
    backstop: taker(settlement.backstop),
    outcomes: entries.map((entry) => outcome(entry, prices.names, ratios)),
  }
}

/** Takes what no layer paid from those who gained: profit is equity beyond what was posted, of accounts with open positions. */
function deleverage({ deleveraging }: Scenario, settlement: Settlement.Settlement, ratios: readonly Fixed.Fixed[]) {
  const winners = Deleveraging.rank(
    settlement.entries
      .filter(({ lines }) => lines.some(({ held, open }) => !held && open > 0n))
      .map((entry) => {
        const equity = Settlement.equity(entry, ratios)
        return { entry, equity, notional: Settlement.notional(entry, ratios), profit: equity - entry.account.collateral }
      }),
  )
  const taken = Deleveraging.of(
    deleveraging,
    settlement.unpaid,
    winners.map(({ profit }) => profit),
  )
  for (const [i, { entry }] of winners.entries()) {
    entry.haircut = taken.haircuts[i] ?? 0n
    entry.cash -= entry.haircut
  }
  return taken
}

function outcome(entry: Settlement.Entry, names: readonly string[], ratios: readonly Fixed.Fixed[]): Outcome {
  const open: Record<string, bigint> = {}
  for (const { market, sign, open: units } of entry.lines) {
    const name = names[market] ?? ''
    if (units > 0n) open[name] = (open[name] ?? 0n) + sign * units
  }
  const left = entry.lines.some(({ held, open }) => !held && open > 0n)
  return {
    account: entry.account.account,
    status: entry.slices === 0 ? 'standing' : left ? 'reduced' : 'closed',
    round: entry.round,
    equityBefore: entry.account.equity,
    equityAfter: Settlement.equity(entry, ratios),
    cash: entry.cash,
    notional: Settlement.notional(entry, ratios),
    open,
    closed: entry.closed,
    fee: entry.fee,
    badDebt: entry.badDebt,
    haircut: entry.haircut,
  }
}

function checked({ policy, feePpm, reserves, roundCap }: Scenario): void {
  Policy.assert(policy)
  Figure.assert('a share', { fee: feePpm / 1_000_000 })
  Figure.assert('a whole number of at least 0', { feePpm, 'roundCap − 1': roundCap - 1 })
  for (const [layer, amount] of Object.entries(reserves)) Figure.assert('at least 0', { [layer]: Number(amount) })
}
